package causes_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/causes"
)

func TestRunImportTellsTheOperator(t *testing.T) {
	t.Parallel()
	f := start(t)
	path := filepath.Join(t.TempDir(), "eo_wy.csv")
	content := strings.Replace(string(read(t, thisMonth)), ",82001-4917,", ",\"=cmd\",", 1)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	var out bytes.Buffer
	report, err := f.RunImport(t.Context(), causes.ImportCommand{Path: path, Out: &out})
	require.NoError(t, err)
	require.Equal(t, int64(199), report.Created)
	require.Contains(t, out.String(), "Imported eo_wy: 200 rows")
	require.Regexp(t, `created +199\n`, out.String())
	require.Regexp(t, `rejected +1\n +line 2, ZIP: `, out.String())

	rejects, err := os.Open(strings.TrimSuffix(path, ".csv") + ".rejected.csv")
	require.NoError(t, err)
	defer func() { require.NoError(t, rejects.Close()) }()
	rows, err := csv.NewReader(rejects).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, []string{"2", "01-0631747", "ZIP"}, rows[1][:3])
	require.Contains(t, rows[1][4], "AMERICAN LEGION")
}

func TestRunImportOfNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	var out bytes.Buffer
	_, err := f.RunImport(t.Context(), causes.ImportCommand{Path: filepath.Join(t.TempDir(), "missing.csv"), Out: &out})
	require.ErrorIs(t, err, os.ErrNotExist)

	path := filepath.Join(t.TempDir(), "eo_wy.csv")
	require.NoError(t, os.WriteFile(path, []byte("EIN,NAME\r\n"), 0o600))
	_, err = f.RunImport(t.Context(), causes.ImportCommand{Path: path, Out: &out, Terminal: true})
	requireInvalid(t, err, "file")
	require.Contains(t, out.String(), "Nothing was changed.")
	require.NoFileExists(t, strings.TrimSuffix(path, ".csv")+".rejected.csv")
}
