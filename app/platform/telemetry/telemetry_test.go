package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/telemetry"
	"tributary/domain/actor"
)

func TestLoggerAddsTheRequest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	known := ""
	log := telemetry.Logger(&out, slog.LevelInfo, func(context.Context) string { return known })
	line := func() (entry map[string]any) {
		require.NoError(t, json.Unmarshal(out.Bytes(), &entry))
		out.Reset()
		return entry
	}

	log.Info("outside")
	require.NotContains(t, line(), "request_id")

	known = "r-1"
	log.With(slog.String("part", "x")).InfoContext(context.Background(), "inside")
	require.Equal(t, "r-1", line()["request_id"])

	known = ""
	log.InfoContext(actor.With(context.Background(), actor.Actor{Kind: actor.KindSystem, RequestID: "job-7"}), "job")
	require.Equal(t, "job-7", line()["request_id"])

	log.Debug("too quiet")
	require.Empty(t, out.String())
}

func TestRegistryHasTheProcess(t *testing.T) {
	t.Parallel()
	families, err := telemetry.Registry().Gather()
	require.NoError(t, err)
	require.NotEmpty(t, families)
}
