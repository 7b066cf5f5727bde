package app

import (
	"context"
	"fmt"
	"net/http"

	"tributary/app/platform/queue"
	"tributary/app/platform/web"
)

// SandboxPath is where the embedded default serves the card sandbox.
const SandboxPath = "/stripe-sandbox"

// SandboxPanel is where a person steers it.
const SandboxPanel = SandboxPath + "/_sandbox"

// routes registers everything that can be asked for, one line per feature.
func (a *App) routes() {
	api, pages := a.server.API(), a.server.Pages()
	a.access.Routes(api)
	a.audit.Routes(api)
	a.books.Routes(api)
	a.people.Routes(api)
	a.people.Pages(pages)
	a.causes.Routes(api)
	a.giving.Routes(api)
	a.pledging.Routes(api)
	a.pledging.Pages(pages)
	a.fundraising.Routes(api)
	a.fundraising.Pages(pages)
	a.receipting.Routes(api)
	a.receipting.Pages(pages)
	a.volunteering.Routes(api)
	a.volunteering.Pages(pages)
	a.reporting.Routes(api)
	pages.App("/app", "staff", "Tributary")
	pages.App("/portal", "portal", "Tributary")
}

// operatorRoutes mounts the job pages, and in a trial what stands in for the outside world: the mails of every organization, password links
// included, and a panel that pays any gift. Neither asks who is there, so they are never mounted over somebody's own database.
func (a *App) operatorRoutes() error {
	ctx, cancel := context.WithCancel(context.Background())
	a.stop = append(a.stop, cancel)
	jobs, err := queue.UI(ctx, a.jobs, "/ops/jobs")
	if err != nil {
		return fmt.Errorf("mount the job pages: %w", err)
	}
	a.server.MountFor(web.Operator, "/ops/jobs", jobs)
	if !a.trial {
		return nil
	}
	if a.outbox.Keeps() {
		a.server.Mount("/dev/outbox", a.outbox.DevHandler())
	}
	if a.sandbox != nil {
		a.server.Mount(SandboxPath, http.StripPrefix(SandboxPath, a.sandbox))
	}
	return nil
}
