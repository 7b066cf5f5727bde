package database

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"gorm.io/gorm/logger"
)

// statementLimit bounds what is logged of one statement: an import is megabytes long.
const statementLimit = 300

// placeholder is how GORM writes one that it has no argument for.
var placeholder = regexp.MustCompile(`(\$\d+)\$`)

// statementLogger logs slow statements. Errors are returned, not logged here, and arguments are personal data.
type statementLogger struct {
	log  *slog.Logger
	slow time.Duration
}

func (l statementLogger) LogMode(logger.LogLevel) logger.Interface { return l }

func (l statementLogger) Info(ctx context.Context, msg string, args ...any) {
	l.log.InfoContext(ctx, "gorm", slog.String("detail", truncate(fmt.Sprintf(msg, args...))))
}

func (l statementLogger) Warn(ctx context.Context, msg string, args ...any) {
	l.log.WarnContext(ctx, "gorm", slog.String("detail", truncate(fmt.Sprintf(msg, args...))))
}

func (l statementLogger) Error(ctx context.Context, msg string, args ...any) {
	l.log.ErrorContext(ctx, "gorm", slog.String("detail", truncate(fmt.Sprintf(msg, args...))))
}

func (l statementLogger) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), _ error) {
	took := time.Since(begin)
	if took < l.slow {
		return
	}
	text, rows := statement()
	text = placeholder.ReplaceAllString(text, "$1")
	l.log.WarnContext(ctx, "slow statement",
		slog.String("sql", truncate(text)), slog.Int64("rows", rows), slog.Duration("took", took))
}

// ParamsFilter keeps GORM from writing arguments into the statement it hands to Trace.
func (l statementLogger) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

func truncate(s string) string {
	if len(s) <= statementLimit {
		return s
	}
	return s[:statementLimit] + "…"
}
