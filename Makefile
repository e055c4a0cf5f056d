# Every target first sets the machine up; that is a no-op when done.
.PHONY: help run test lint check bench soak lock setup
PORTAL = .venv/bin/portal

help: ## 列出命令
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

setup: ## 装好运行所需的一切
	@deploy/setup.sh run

run: setup ## 构建并在 http://127.0.0.1:8000 打开门户和领导信箱
	@$(PORTAL) build
	@[ -e var/mailbox.db ] || $(PORTAL) mailbox init >&2
	@$(PORTAL) serve

check: setup ## 用门禁检查 content/ 与构建结果
	@$(PORTAL) build
	@$(PORTAL) check

test: ## 全部测试
	@deploy/setup.sh test
	@.venv/bin/pytest -n 2 --dist loadfile -m "not soak and not browser"
	@.venv/bin/pytest -n 2 --dist loadfile -m "not soak and browser"

lint: ## 格式、静态检查、类型、导入契约
	@deploy/setup.sh test
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

soak: ## 慢的、反复杀进程的测试
	@deploy/setup.sh test
	@.venv/bin/pytest -m soak

bench: ## 与同类工具并排测速
	@deploy/setup.sh bench
	@.venv/bin/python -m bench

bench-%: ## 只测一项，例 make bench-search
	@deploy/setup.sh bench
	@.venv/bin/python -m bench.$*

lock: ## 重新锁定依赖（需要网络）
	@deploy/setup.sh test
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --group test -c requirements.lock -o tests/requirements.lock
	@.venv/bin/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --group bench -c requirements.lock -o bench/requirements.lock
