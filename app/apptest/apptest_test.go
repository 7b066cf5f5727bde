package apptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/account"
)

func TestStart(t *testing.T) {
	t.Parallel()
	w := apptest.Start(t)
	w.Nobody().Send("GET", "/readyz", nil).OK()
	w.Nobody().Get("/team").Problem(401, "session.required")

	owner := w.Found("riverbend")
	c := w.SignIn(owner)
	c.Post("/team/invitations", map[string]string{"email": "new@example.org", "role": "viewer"}).Is(201)
	w.RunJobs()
	mails := w.Mails("new@example.org")
	require.Len(t, mails, 1)
	require.Equal(t, "sent", mails[0].State)

	viewer := w.SignIn(w.Join(owner, account.Viewer))
	viewer.Post("/team/invitations", map[string]string{"email": "x@example.org", "role": "viewer"}).Problem(403, "permission.missing")
	other := w.Found("harbor")
	c.For(other.Organization.Slug).Get("/team").Problem(404, "organization.not_found")
}
