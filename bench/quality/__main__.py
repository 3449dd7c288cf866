"""`python -m bench.quality`: see `bench.quality.report`."""

import sys

from bench.quality.report import main

sys.exit(main())
