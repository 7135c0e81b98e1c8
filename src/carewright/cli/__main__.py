import sys

from carewright.cli.main import main

sys.exit(main())
