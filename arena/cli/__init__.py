"""The command line. `root` is the table of commands; each module has one command or one group of them."""
