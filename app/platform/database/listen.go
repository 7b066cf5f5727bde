package database

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// listenPause is how long Listen waits before it connects again.
const listenPause = time.Second

// Listen calls notify with the payload of every NOTIFY on channel until ctx ends, on a connection of its own, which it
// renews when it breaks. A notification is a hint that something changed: those sent while the connection was away are
// lost, so once listening has begun, and after each renewal, notify is called with an empty payload: "look again".
// Notify must not block. An outage is logged, since nobody waits for Listen's answer.
func (db *DB) Listen(ctx context.Context, channel string, notify func(payload string)) {
	for {
		err := db.listenOnce(ctx, channel, notify)
		if ctx.Err() != nil {
			return
		}
		db.log.WarnContext(ctx, "listening interrupted", slog.String("channel", channel), slog.Any("error", err))
		timer := time.NewTimer(listenPause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func (db *DB) listenOnce(ctx context.Context, channel string, notify func(string)) error {
	cfg := db.primary.pgx.Config().ConnConfig.Copy()
	cfg.RuntimeParams["application_name"] = "tributary listen"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	notify("")
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		notify(n.Payload)
	}
}
