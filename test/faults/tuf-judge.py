"""A client of The Update Framework that is not ours: python-tuf, the framework's own (Debian's python3-tuf).

tuf-judge.py URL STATE TARGET: asks the repository as `python3-tuf` does, and fetches the target. STATE holds root.json at first, and what was
trusted afterwards. One line of JSON on standard output: {"sha256": …, "custom": …} of what was fetched, {"none": true} where there is no
such target, {"refused": NAME OF THE ERROR, "detail": …}.
"""

import hashlib
import json
import os
import sys

import tuf
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater


def main():
    url, state, name = sys.argv[1:4]
    targets = os.path.join(state, "targets")
    os.makedirs(targets, exist_ok=True)
    try:
        updater = Updater(state, f"{url}/metadata/", targets, f"{url}/targets/")
        updater.refresh()
        info = updater.get_targetinfo(name)
        if info is None:
            return {"none": True}
        path = updater.download_target(info)
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        os.remove(path)
        return {"sha256": digest, "custom": info.custom, "client": tuf.__version__}
    except (RepositoryError, DownloadError, ValueError) as error:
        return {"refused": type(error).__name__, "detail": str(error)[:200]}


print(json.dumps(main()))
