"""The command line: `./carewright COMMAND`. One module per command."""
