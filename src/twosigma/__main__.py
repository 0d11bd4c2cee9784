"""`python -m twosigma`: the same as the command `twosigma`."""

from twosigma.main import main

main()
