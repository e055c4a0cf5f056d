"""For an ASGI server: `uvicorn mailbox_api.asgi:app` from the project folder. Reads files and the environment."""

import os
from pathlib import Path

from mailbox_api.start import standalone

app = standalone(Path(), dispatches=os.environ.get("MAILBOX_DISPATCH", "1") == "1")
