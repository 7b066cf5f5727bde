package volunteering

import (
	"context"
	"strings"

	"tributary/app/platform/database"
)

// ExplainShifts is how the database finds a page of shifts.
func ExplainShifts(ctx context.Context, r database.Reader, f ShiftFilter) (string, error) {
	var lines []string
	err := r.Gorm(ctx).Raw("explain select * from (?) page", pageOfShifts(r.Gorm(ctx), f)).Scan(&lines).Error
	return strings.Join(lines, "\n"), err
}
