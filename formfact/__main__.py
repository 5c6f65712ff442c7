"""`python -m formfact` is the command line."""

import sys

from formfact.interfaces.cli import main

sys.exit(main())
