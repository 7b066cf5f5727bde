package pgembed

import (
	"os"
	"path/filepath"
	"syscall"
)

// Windows knows no shutdown signals: the server is ended and recovers from its log at the next start.
var (
	fastShutdown      = os.Kill
	immediateShutdown = os.Kill
)

// account is as whom PostgreSQL runs: on Windows always ourselves.
type account struct{ name string }

func chooseAccount() (account, error) { return account{}, nil }

func (account) other() bool { return false }

func (a account) mapped() account { return a }

func (account) attributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func (account) reaches(string) bool { return true }

func privateTo(string, account) error { return nil }

func defaultDir(account) string {
	dir, err := os.UserConfigDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "tributary", "postgres")
}

func shortTempDir() string { return os.TempDir() }

// serves cannot tell whose process it is, and leaves it alone.
func serves(int, string) bool { return false }
