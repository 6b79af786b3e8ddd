"""共建伙伴与资源: who offers what, who needs what, and what came of it."""
