package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"tributary/app/platform/config"
	"tributary/app/platform/database"
	"tributary/app/platform/mail"
)

// Check is the outcome of one question that the doctor asks.
type Check struct {
	Name  string
	Found string // what is well
	Err   error  // what is not
	Fix   string // and how to mend it
}

// tolerance is how far clocks may be apart: Stripe refuses webhook signatures five minutes old, and sessions compare times.
const tolerance = 5 * time.Second

// Diagnose asks everything the configuration names whether it is as it should be. It changes nothing.
func Diagnose(ctx context.Context, cfg config.Config) []Check {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var checks []Check
	if !cfg.EmbeddedDatabase() {
		checks = append(checks, diagnoseDatabase(ctx, cfg)...)
	}
	if !cfg.Sandbox() {
		checks = append(checks, diagnoseStripe(ctx, cfg))
	}
	if cfg.SMTPURL != "" {
		checks = append(checks, diagnoseMail(ctx, cfg))
	}
	return checks
}

func diagnoseDatabase(ctx context.Context, cfg config.Config) []Check {
	db, err := database.Open(ctx, database.Config{URL: cfg.DatabaseURL, ReplicaURL: cfg.DatabaseReplicaURL, MaxConns: 2, Logger: slog.New(slog.DiscardHandler)})
	if errors.Is(err, database.ErrPrivilegedRole) {
		return []Check{{Name: "database role", Err: err, Fix: "Create a role with: CREATE ROLE tributary_app LOGIN PASSWORD '…'; and name it in DATABASE_URL. The owner goes into DATABASE_OWNER_URL."}}
	}
	if err != nil {
		return []Check{{Name: "database", Err: err, Fix: "Check DATABASE_URL, and that PostgreSQL 15 or newer runs there and lets this machine in."}}
	}
	defer db.Close()
	var version int
	var theirs time.Time
	err = db.Read(ctx, database.Platform(), func(r database.Reader) error {
		return r.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, clock_timestamp()").Scan(&version, &theirs)
	})
	if err != nil {
		return []Check{{Name: "database", Err: err, Fix: "Check DATABASE_URL."}}
	}
	checks := []Check{{Name: "database", Found: fmt.Sprintf("PostgreSQL %d, with a role that row level security binds", version/10000)}}
	if version < 150000 {
		checks[0] = Check{Name: "database", Err: fmt.Errorf("PostgreSQL %d is too old", version/10000), Fix: "Upgrade to PostgreSQL 15 or newer."}
	}
	clock := Check{Name: "clock", Found: "agrees with the database's", Fix: "Synchronise the clocks of both machines, for example with chrony."}
	if apart := time.Since(theirs).Abs(); apart > tolerance { //nolint:forbidigo // the machine's clock is what is being checked
		clock.Err = fmt.Errorf("this machine and the database are %s apart", apart.Round(time.Second))
	}
	migrations := Check{Name: "migrations", Fix: "Run tributary migrate."}
	switch status, err := db.MigrationStatus(ctx); {
	case err != nil:
		migrations.Err = err
	case status.Pending > 0:
		migrations.Err = fmt.Errorf("%d are pending", status.Pending)
	default:
		migrations.Found = fmt.Sprintf("all %d applied", status.Applied)
	}
	return append(checks, clock, migrations)
}

// diagnoseStripe asks for the balance, the smallest question that needs a valid key.
func diagnoseStripe(ctx context.Context, cfg config.Config) Check {
	check := Check{Name: "stripe", Found: "answers, and takes the key", Fix: "Check STRIPE_API_KEY, and that this machine reaches " + stripeBase(cfg) + "."}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, stripeBase(cfg)+"/v1/balance", http.NoBody)
	if err != nil {
		check.Err = err
		return check
	}
	request.SetBasicAuth(cfg.StripeAPIKey, "")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		check.Err = errors.New("no answer")
		return check
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		check.Err = fmt.Errorf("the answer is %s", response.Status)
	}
	return check
}

func stripeBase(cfg config.Config) string {
	if cfg.StripeAPIBase != "" {
		return cfg.StripeAPIBase
	}
	return "https://api.stripe.com"
}

// never is the clock of a part that will not ask for it.
func never() time.Time { return time.Time{} }

func diagnoseMail(ctx context.Context, cfg config.Config) Check {
	check := Check{Name: "mail", Found: "the server lets us in", Fix: "Check SMTP_URL: host, port, user and password."}
	outbox, err := mail.New(mail.Config{SMTPURL: cfg.SMTPURL, From: cfg.MailFrom, Now: never}, nil, nil)
	if err == nil {
		err = outbox.Check(ctx)
	}
	check.Err = err
	return check
}
