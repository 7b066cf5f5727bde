package pgembed

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// macOS has neither a parent death signal nor user namespaces: the next owner stops an orphan.
func (account) linuxAttributes(*syscall.SysProcAttr, bool) {}

// serves reports whether the process is a PostgreSQL on the data directory; a process id alone may have been reused.
func serves(pid int, data string) bool {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres -D "+data+" ")
}
