"""What `mitmdump -s panda_addon/addon.py` loads. Nothing else lives here: mitmproxy takes a script's globals for hooks."""

import sys
from pathlib import Path

# mitmproxy loads this file outside any package, with this folder first on the path: the package must be found too.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from panda_addon.hooks import PandaAddon

addons = [PandaAddon()]
