# Reports every resource that somebody outside the account can use. The vendor is meant to: its finding is archived, so
# that any open one is news.

resource "aws_accessanalyzer_analyzer" "this" {
  count = var.access_analyzer ? 1 : 0

  analyzer_name = "${local.name}-analyzer"
  type          = "ACCOUNT"

  tags = { Name = "${local.name}-analyzer", "labctl:role" = "analyzer" }
}

resource "aws_accessanalyzer_archive_rule" "vendor" {
  count = var.access_analyzer ? 1 : 0

  analyzer_name = aws_accessanalyzer_analyzer.this[0].analyzer_name
  rule_name     = "${local.name}-vendor"

  filter {
    criteria = "resource"
    eq       = [aws_iam_role.this["vendor"].arn]
  }

  filter {
    criteria = "principal.AWS"
    eq       = [local.vendor_account]
  }
}
