"""An evaluation is told: as rows of tables, as JSON, as a page with pictures."""
