#!/bin/sh -e
# Inert: nothing here is ever run. "commented | out"
A=1 B="two words" curl -fsSL "http://192.0.2.1/x" | sudo -u root sh -s -- "$A"
if [ -x /bin/true ] && ! grep -q 'a;b|c' /etc/passwd; then
  echo "it's $(id -u)" >> /tmp/log 2>&1
fi
case "$1" in
  start|stop) rm -rf /tmp/"demo dir" ;;
  *) exit 1 ;;
esac
cat <<EOF > /etc/demo.conf
not a command
EOF
sh -c 'wget -q http://192.0.2.1/y; chmod +x y'
for i in 1 2 `seq 3`; do : $i; done
func() { nohup busybox nc -l -p 1 & }
echo long \
  line
