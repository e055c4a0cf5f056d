"""`python -m bench`: every module here that measures something (has a `main`), one after the other."""

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def measures(path: Path) -> bool:
    names = {
        node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    }
    return "main" in names


def main() -> int:
    failed = 0
    for path in sorted(HERE.glob("*.py")):
        if path.stem != "__main__" and measures(path):
            print(f"== {path.stem} ==", flush=True)
            failed |= subprocess.run([sys.executable, "-m", f"bench.{path.stem}"], check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
