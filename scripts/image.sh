#!/usr/bin/env bash
# Builds the image of the Dockerfile and tries it, without an image registry: the base image is made from this machine's
# files, with Node from npm, and gets the name that the Dockerfile asks for. Needs root and
# `apt-get install buildah podman runc`, and a clone with `npm ci`. Port 18001 must be free. Leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

base=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile | sort -u)
major=$(sed -n 's/.*node:\([0-9]*\).*/\1/p' <<<"$base")
work=$(mktemp -d)
tag=conference-host-trial:$$
# Storage of its own: no image of yours is replaced. `vfs` and `chroot` work within containers, too.
store=(--storage-driver vfs --root "$work/store" --runroot "$work/run")
build() { buildah "${store[@]}" "$@"; }
pod() { podman --runtime runc "${store[@]}" --cgroup-manager cgroupfs --events-backend none "$@"; }
trap 'pod rm --all --force >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

echo "== the base image, $base"
root=$work/root
mkdir -p "$root"/{bin,etc/ssl/certs,home/node,proc,root,sys,tmp,usr/bin,usr/local/bin,usr/local/etc,usr/local/lib/node_modules,var/tmp}
chmod 1777 "$root/tmp" "$root/var/tmp"
printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
npm install --silent --prefix "$work/node" "node@$major"
cp -L "$work/node/node_modules/node/bin/node" "$root/usr/local/bin/node"
cp -a "$(npm root --global)/npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
cp -L /bin/{sh,tar,gzip} "$root/bin/"
cp -L /usr/bin/env "$root/usr/bin/env"
for library in $(ldd "$root"/{bin/*,usr/bin/env,usr/local/bin/node} | grep -o '/lib[^ ]*' | sort -u); do
  cp -L --parents "$library" "$root"
done
cp -L --parents /lib/x86_64-linux-gnu/libnss_{dns,files}.so.2 "$root" 2>/dev/null || true
container=$(build from scratch)
build copy --quiet "$container" "$root" / >/dev/null
build config --env PATH=/usr/local/bin:/usr/bin:/bin --cmd node "$container"
build commit --quiet "$container" "$base" >/dev/null

echo "== the image"
build build --format docker --isolation chroot --network host --pull-never --tag "$tag" .

echo "== without a shell, read-only, with no privileges"
container=$(build from --pull-never "$tag")
mounted=$(build mount "$container")
rm "$mounted/bin/sh" "$mounted/usr/bin/env"
build commit --format docker --quiet "$container" "$tag-without-shell" >/dev/null
echo "trial-$(openssl rand -hex 16)" >"$work/admin-token"
chmod 644 "$work/admin-token"
# The health check is run below: as a timer it would need systemd.
pod run --detach --name host --network host --read-only --cap-drop all --security-opt no-new-privileges \
  --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --health-interval disable \
  --volume "$work/admin-token:/run/secrets/admin-token:ro" \
  --env PORT=18001 --env ADMIN_TOKEN_FILE=/run/secrets/admin-token --env DRAIN_TIMEOUT=1 "$tag-without-shell" >/dev/null 2> >(grep -v 'systemd connection' >&2)
for _ in $(seq 50); do pod healthcheck run host >/dev/null 2>&1 && break || sleep 0.2; done
pod healthcheck run host
echo "healthy"
inside() { pod exec host node -p "$1"; }
[ "$(inside 'process.getuid()')" = 1000 ]
echo "runs as user 1000"
inside "try { fs.writeFileSync('/app/file', ''); } catch ({ code }) { code; }" | grep EROFS
pod exec host node dist/main.js rooms --url http://localhost:18001 | grep -i room

echo "== a signal to stop reaches it, and its members"
node -e '
  const { WebSocket } = require("ws");
  const socket = new WebSocket("ws://localhost:18001/?room=r&streamName=anna");
  socket.on("message", (frame) => console.log(String(frame)));
  socket.on("close", (code) => { console.log(`closed with ${code}`); process.exitCode = code === 1001 ? 0 : 1; });
' >"$work/member" &
member=$!
until grep -q anna "$work/member"; do sleep 0.1; done
pod kill --signal TERM host >/dev/null
wait "$member"
cat "$work/member"
[ "$(pod wait host)" = 0 ]
echo "exit code 0"
