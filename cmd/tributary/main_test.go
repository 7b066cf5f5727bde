package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/config"
)

// call runs the program with an environment of its own and returns what it wrote.
func call(t *testing.T, environment map[string]string, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), args, func(name string) string { return environment[name] }, &out)
	return out.String(), err
}

func TestVersion(t *testing.T) {
	t.Parallel()
	out, err := call(t, nil, "version")
	require.NoError(t, err)
	require.Equal(t, "tributary "+version+"\n", out)
}

func TestTheContractThatIsPrintedIsTheCommittedOne(t *testing.T) {
	t.Parallel()
	out, err := call(t, nil, "openapi")
	require.NoError(t, err)
	committed, err := os.ReadFile("../../app/openapi.json")
	require.NoError(t, err)
	require.Equal(t, string(committed), out, "run make generate")
}

func TestWhatIsNoCommandIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"sevre"}, {"version", "now"}, {"doctor", "--quick"}, {"user", "invite"}, {"migrate", "down"}} {
		out, err := call(t, nil, args...)
		require.Error(t, err, "%v", args)
		require.Empty(t, out, "the process writes the error, once")
	}
	_, err := call(t, nil, "sevre")
	require.ErrorContains(t, err, `unknown command "sevre"`)
	require.ErrorContains(t, err, "serve", "what was probably meant")
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	out, err := call(t, nil, "--help")
	require.NoError(t, err)
	for _, name := range []string{"serve", "work", "migrate", "seed", "registry", "user", "doctor", "openapi", "bench", "version"} {
		require.Regexp(t, `(?m)^  `+name+` +[A-Z]`, out, "with a summary")
	}
}

func TestProductionRefusesToStartAndNamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"serve"}, {"work"}, {"migrate"}, {"doctor"}} {
		_, err := call(t, map[string]string{"ENVIRONMENT": "production", "LISTEN_ADDR": "everywhere", "SECRET_KEY": "hunter2"}, command...)
		var problems config.Problems
		require.ErrorAs(t, err, &problems, "%v", command)
		require.Len(t, problems, 6, "%v", problems)
		for _, name := range []string{"DATABASE_URL", "LISTEN_ADDR", "PUBLIC_URL", "STRIPE_API_KEY", "SMTP_URL", "SECRET_KEY"} {
			require.Regexp(t, `(?m)^  - `+name+`\b`, err.Error())
		}
		require.NotContains(t, err.Error(), "hunter2", "never a value")
	}
}

func TestDoctorSaysWhatIsWrongAndHowToMendIt(t *testing.T) {
	t.Parallel()
	out, err := call(t, map[string]string{
		"ENVIRONMENT": "demo", "DATABASE_URL": "postgres://tributary:hunter2@127.0.0.1:1/tributary?connect_timeout=2", "STRIPE_API_KEY": "sk_test_0123456789abcdef",
		"STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef", "STRIPE_API_BASE": "http://127.0.0.1:1", "SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "Tributary <mail@tributary.example>",
	}, "doctor")
	require.ErrorContains(t, err, "3 of the checks failed")
	require.Contains(t, out, "✓ settings: demo\n")
	require.Contains(t, out, "✗ database: ")
	require.Contains(t, out, "Check DATABASE_URL")
	require.Equal(t, 3, strings.Count(out, "✗ "), out)
	require.NotContains(t, out, "hunter2")
	require.NotContains(t, out, "sk_test_0123456789abcdef")
}

func TestDoctorWithoutSettingsNeedsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := call(t, map[string]string{"DATA_DIR": dir}, "doctor")
	require.NoError(t, err)
	require.Contains(t, out, "✓ settings: demo\n")
	require.Contains(t, out, "✓ database: the embedded one, in "+dir+"\n")
	made, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, made, "it changes nothing")
}

func TestTheHealthCheckFailsWhileNothingRuns(t *testing.T) {
	t.Parallel()
	out, err := call(t, map[string]string{"LISTEN_ADDR": "127.0.0.1:1"}, "doctor", "--ready")
	require.Error(t, err)
	require.Empty(t, out)
}

func TestTheAddressOnThisMachine(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		":8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80", "[::]:8080": "http://localhost:8080", "127.0.0.1:8080": "http://127.0.0.1:8080",
		"give.example:443": "http://give.example:443",
	} {
		require.Equal(t, want, localURL(listen).String())
	}
}
