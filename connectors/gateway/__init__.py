"""The gateway: every channel's messages go through here to the bot, and the replies back."""
