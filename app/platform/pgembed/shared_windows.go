package pgembed

import (
	"errors"
	"os"
)

var errNoShared = errors.New("not on Windows: set TEST_DATABASE_URL")

func sharedDir(account) (string, error) { return "", errNoShared }

func makePipe(string) error { return errNoShared }

func openAlive(string) (*os.File, error) { return nil, errNoShared }

func startDetached(string, ...string) error { return errNoShared }

func (account) give(string) error { return nil }
