"""Gives ansible-test's empty virtual environments their pip.

ansible-test fetches a script of this purpose from a server of its own, unless
one lies in its cache already. This one needs only what the interpreter carries
(ensurepip), and then installs, as that script does, what it is asked for.
"""

from __future__ import annotations

import subprocess
import sys

# A process of its own: ensurepip turns pip's configuration off in the one it runs in.
subprocess.run([sys.executable, "-m", "ensurepip"], check=True)
words = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *words]))
