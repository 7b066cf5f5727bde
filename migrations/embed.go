// Package migrations holds the schema as numbered goose SQL files, each applied once, in order, in its own transaction.
package migrations

import "embed"

// FS holds every migration.
//
//go:embed *.sql
var FS embed.FS
