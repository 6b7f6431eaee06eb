"""The ``suiwen`` command. A command imports what it needs when it runs, so ``--help`` answers at once."""

import typer

from connectors.cli import ask, data, doctor, model, run, search, serve, wait

app = typer.Typer(
    name="suiwen",
    help="Suiwen 穗问: Guangzhou's public-service assistant.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is there in half the time
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("search")(search.search)
app.command("doctor")(doctor.doctor)
app.command("train")(model.train)
app.command("wait")(wait.wait)
app.add_typer(data.imports, name="import")
app.add_typer(data.exports, name="export")
app.add_typer(data.databases, name="db")

if __name__ == "__main__":
    app()
