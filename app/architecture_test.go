package app_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app"
)

var update = flag.Bool("update", false, "rewrite golden files")

// source is one Go file that is not a test.
type source struct {
	path string // "app/giving/donations_http.go"
	*ast.File
}

// sources parses the program, tests left out.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, root := range []string{"app", "cmd", "domain", "migrations", "frontend"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "dist" || entry.Name() == "testdata"):
				return fs.SkipDir
			case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			all = append(all, source{strings.TrimPrefix(filepath.ToSlash(name), "../"), file})
			return nil
		})
		require.NoError(t, err)
	}
	require.NotEmpty(t, all)
	return all
}

func (s source) imports() []string {
	paths := make([]string, 0, len(s.Imports))
	for _, spec := range s.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, p)
	}
	return paths
}

func TestContractIsCurrent(t *testing.T) {
	t.Parallel()
	got, err := app.Contract()
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("openapi.json", got, 0o600))
	}
	want, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run make generate")
}

func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	operations, err := app.Operations()
	require.NoError(t, err)
	require.NotEmpty(t, operations)
	ids := map[string]bool{}
	for _, op := range operations {
		require.NotEmpty(t, op.Summary, op.ID)
		require.NotEmpty(t, op.Tag, op.ID)
		require.NotEmpty(t, op.Permission, op.ID)
		require.Contains(t, op.Errors, "500", op.ID)
		require.False(t, strings.HasSuffix(op.Summary, "."), "%s: a summary is a title", op.ID)
		require.False(t, ids[op.ID], "two operations are called %s", op.ID)
		ids[op.ID] = true
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, s := range sources(t) {
		dir := path.Dir(s.path)
		documented[dir] = documented[dir] || s.Doc != nil && strings.TrimSpace(s.Doc.Text()) != ""
	}
	for dir, ok := range documented {
		require.True(t, ok, "package %s has no doc comment", dir)
	}
}

// tiers says which features may know which: only those on a lower tier.
var tiers = map[string]int{
	"access": 0, "auditing": 0, "bookkeeping": 0, "people": 1, "causes": 1, "giving": 2, "pledging": 2, "fundraising": 2, "receipting": 2,
	"volunteering": 2, "workplace": 3, "outreach": 3, "reporting": 4,
}

func TestWhoImportsWhom(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			require.Empty(t, forbidden(s.path, imported), "%s imports %s", s.path, imported)
		}
	}
}

// forbidden says why a file must not import a package, or nothing.
func forbidden(file, imported string) string {
	ours, isOurs := strings.CutPrefix(imported, "tributary/")
	parts := strings.Split(file, "/")
	switch {
	case parts[0] == "domain":
		standard := !strings.Contains(strings.Split(imported, "/")[0], ".")
		if !isOurs && !standard && imported != "github.com/google/uuid" || isOurs && !strings.HasPrefix(ours, "domain/") {
			return "domain knows the standard library, google/uuid and itself"
		}
		return ""
	case strings.HasPrefix(imported, "github.com/labstack/echo") && !strings.HasPrefix(file, "app/platform/web/"):
		return "only app/platform/web speaks Echo"
	case parts[0] != "app" || len(parts) < 3 || parts[1] == "apptest":
		return ""
	case parts[1] == "platform":
		if strings.HasPrefix(ours, "app/") && !strings.HasPrefix(ours, "app/platform/") || ours == "app" {
			return "the platform knows no feature"
		}
		if parts[2] == "stripesandbox" && isOurs && !strings.HasPrefix(ours, "app/platform/stripesandbox") {
			return "the sandbox knows nothing of ours"
		}
		return ""
	}
	return forbiddenFeature(parts[1], parts[2], ours, imported)
}

func forbiddenFeature(feature, file, ours, imported string) string {
	other, isFeature := strings.CutPrefix(ours, "app/")
	if ours == "app" {
		return "features do not know the composition root"
	}
	if isFeature && !strings.HasPrefix(other, "platform/") {
		if feature == "reporting" || tiers[strings.Split(other, "/")[0]] >= tiers[feature] {
			return "a feature knows lower tiers only"
		}
	}
	denied := map[string][]string{
		"_http.go":    {"gorm.io", "github.com/riverqueue", "github.com/jackc/pgx", "tributary/app/platform/database"},
		"_page.go":    {"gorm.io", "github.com/riverqueue", "github.com/jackc/pgx", "tributary/app/platform/database"},
		"_service.go": {"gorm.io", "github.com/jackc/pgx", "github.com/danielgtaylor/huma", "tributary/app/platform/web"},
		"_store.go":   {"github.com/danielgtaylor/huma", "github.com/riverqueue", "tributary/app/platform/web", "tributary/app/platform/queue"},
		"_jobs.go":    {"gorm.io", "github.com/jackc/pgx", "tributary/app/platform/web", "tributary/app/platform/database"},
	}
	for suffix, prefixes := range denied {
		if strings.HasSuffix(file, suffix) && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(imported, p) }) {
			return "a file's suffix says what it may know"
		}
	}
	return ""
}

// machineTime says where the machine's clock may be asked, how often, and why. Everywhere else the clock is a field.
var machineTime = map[string]int{
	"app/app.go":                        1, // the one clock, handed to everybody
	"app/embedded.go":                   1, // the sandbox's: another company's clock
	"app/diagnose.go":                   1, // is it right? compared with the database's
	"app/platform/database/database.go": 1, // GORM's, for a model that leaves its times to it: none of ours does
	"app/platform/database/logger.go":   1, // how long a statement took
	"app/platform/queue/insert.go":      1, // how long ago a queue was woken
	"app/platform/web/edge.go":          2, // how long a request took
	"app/platform/web/stream.go":        1, // a socket's deadline
	"cmd/tributary/bench.go":            1, // a stopwatch
}

func TestTheClockIsAskedOnce(t *testing.T) {
	t.Parallel()
	asked := map[string]int{}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.path, "app/apptest/") {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			// A selector, not a call: "Now: time.Now" hands the clock on as well.
			if f, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, f.Sel.Name) {
					asked[s.path]++
				}
			}
			return true
		})
	}
	require.Equal(t, machineTime, asked, "the clock is a field; app.New makes it")
}

// TestProblemCodes lists every code a problem can have. Codes are promises to programs: a line may be added, never changed or removed.
func TestProblemCodes(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.path, "app/platform/stripesandbox/") {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			for _, code := range codesIn(s, n) {
				codes[code] = true
			}
			return true
		})
	}
	var list []string
	for code := range codes {
		require.Regexp(t, `^[a-z_]+(\.[a-z_]+)*$`, code)
		list = append(list, code)
	}
	slices.Sort(list)
	got := strings.Join(list, "\n") + "\n"
	const golden = "testdata/codes.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "after adding a code: go test ./app -run TestProblemCodes -update")
}

// codesIn finds the codes that a piece of syntax gives to faults.
func codesIn(s source, n ast.Node) []string {
	text := func(e ast.Expr) []string {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if value, err := strconv.Unquote(literal.Value); err == nil {
				return []string{value}
			}
		}
		return nil
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		f, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if pkg, ok := f.X.(*ast.Ident); !ok || pkg.Name != "fault" {
			return nil
		}
		switch {
		case (f.Sel.Name == "New" || f.Sel.Name == "Invalid") && len(n.Args) == 3:
			return text(n.Args[1])
		case f.Sel.Name == "NotFound" && len(n.Args) == 1:
			for _, what := range text(n.Args[0]) {
				return []string{what + ".not_found"}
			}
		}
	case *ast.ValueSpec:
		if len(n.Names) == 1 && n.Names[0].Name == "codeOfStatus" && strings.HasPrefix(s.path, "app/platform/web/") {
			var codes []string
			ast.Inspect(n, func(child ast.Node) bool {
				if pair, ok := child.(*ast.KeyValueExpr); ok {
					codes = append(codes, text(pair.Value)...)
				}
				return true
			})
			return codes
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if f, ok := left.(*ast.SelectorExpr); ok && f.Sel.Name == "Code" && strings.HasPrefix(s.path, "app/platform/web/") && i < len(n.Rhs) {
				return text(n.Rhs[i])
			}
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" && strings.Contains(strings.Join(s.imports(), " "), "tributary/domain/fault") {
			return text(n.Value)
		}
	}
	return nil
}
