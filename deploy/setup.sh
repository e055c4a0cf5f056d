#!/bin/sh
# Everything a machine needs: `deploy/setup.sh run|test|bench`. Does nothing where all is there.
set -eu
level=${1:-run}
cd "$(dirname "$0")/.."

run_packages="python3-venv libenchant-2-2 hunspell-en-us"
test_packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libcairo2 chromium fonts-noto-cjk postgresql nginx-light poppler-utils default-jre-headless"
bench_packages="ripgrep"
packages=$run_packages
[ "$level" = run ] || packages="$packages $test_packages"
[ "$level" != bench ] || packages="$packages $bench_packages"

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  as_root=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "缺少系统软件包：$missing。请用 root 执行：apt-get install$missing" >&2; exit 2; }
    as_root=sudo
  fi
  echo "安装系统软件包：$missing" >&2
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

locks=requirements.lock
[ "$level" = run ] || locks="$locks tests/requirements.lock"
[ "$level" != bench ] || locks="$locks bench/requirements.lock"
[ -x .venv/bin/python ] || { rm -rf .venv; /usr/bin/env python3 -m venv .venv; }
wanted=$(cat $locks pyproject.toml | sha256sum | cut -c1-64)
stamp=.venv/installed-$level
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  echo "安装 Python 依赖（$level）" >&2
  for lock in $locks; do
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
  done
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps -e .
  echo "$wanted" > "$stamp"
fi
