"""Where this checkout is: the stack, the proofs, the benches and the tests read files of it. The package needs none."""

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
