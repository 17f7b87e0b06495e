"""The process that opens one untrusted file. Run by run.py as `python -I -S -B worker.py '<json>'`, never imported.

Only the beginning: a program is compiled anew at every start, what it imports is not.
"""

import gc
import json
import os
import sys

if __name__ == "__main__":
    gc.disable()  # what is loaded stays until the end
    order = json.loads(sys.argv[1])
    sys.path[:0] = order["paths"]
    from vardvag.files.sandbox import opening  # noqa: PLC0415 - the paths above come first

    # Leave without tidying up: destructors of half-built objects in libraries are not worth running.
    code = opening.main(order)
    os._exit(code)
