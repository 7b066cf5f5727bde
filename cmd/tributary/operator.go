package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tributary/app/causes"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/cause"
)

// with runs do as the operator, without serving anything.
func (e environment) with(ctx context.Context, do func(context.Context, *running) error) (err error) {
	cfg, err := e.config(nil)
	if err != nil {
		return err
	}
	r, err := e.start(ctx, cfg, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.end(ctx)) }()
	system := actor.System
	system.RequestID = "command-line"
	return do(actor.With(ctx, system), r)
}

func (e environment) registryCommand() *cobra.Command {
	registry := group("registry", "The registry of charities")
	var in causes.ImportCommand
	load := &cobra.Command{
		Use: "import FILE", Short: "Load an IRS Exempt Organizations Business Master File extract", Args: cobra.ExactArgs(1),
		Long: "Load a regional extract of the IRS Business Master File (eo_*.csv). Running it again changes nothing; a later month's file updates. Rows that are left out are listed with their reasons.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(ctx context.Context, r *running) error {
				in.Path, in.Out, in.Terminal = args[0], e.out, isTerminal(e.out)
				_, err := r.Causes().RunImport(ctx, in)
				return err
			})
		},
	}
	load.Flags().StringVar(&in.Source, "source", "", "which part of the registry the file is; taken from its name")
	load.Flags().StringVar(&in.RejectsPath, "rejects", "", "where to write rejected rows; beside the file")
	load.Flags().BoolVar(&in.AllowRemovals, "allow-removals", false, "accept a file that lacks a large part of what the last one had")
	release := &cobra.Command{
		Use: "release EIN", Short: "Take a claimed entry back from the organization that claimed it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ein, err := cause.ParseEIN(args[0])
			if err != nil {
				return err
			}
			return e.with(cmd.Context(), func(ctx context.Context, r *running) error { return r.Causes().ReleaseEIN(ctx, ein) })
		},
	}
	registry.AddCommand(load, release)
	return registry
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (e environment) userCommand() *cobra.Command {
	user := group("user", "Logins")
	var details account.LoginDetails
	var organization, role string
	create := &cobra.Command{
		Use: "create", Short: "Create a login; the password is read from standard input", Args: cobra.NoArgs,
		Example: "  tributary user create --email ada@example.org --name 'Ada Lovelace' --organization riverbend --role owner < password.txt",
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read the password: %w", err)
			}
			return e.with(cmd.Context(), func(ctx context.Context, r *running) error {
				return e.createUser(ctx, r, details, membership{strings.TrimRight(password, "\r\n"), organization, account.Role(role)})
			})
		},
	}
	create.Flags().StringVar(&details.Email, "email", "", "e-mail address (required)")
	create.Flags().StringVar(&details.Name, "name", "", "name (required)")
	create.Flags().BoolVar(&details.Operator, "operator", false, "may see the operator's pages")
	create.Flags().StringVar(&organization, "organization", "", "slug of the organization to join")
	create.Flags().StringVar(&role, "role", "", "role there: owner, admin, fundraiser, finance, volunteer_coordinator or viewer")
	user.AddCommand(create)
	return user
}

// membership is what a new login gets beside itself.
type membership struct {
	password, organization string
	role                   account.Role
}

func (e environment) createUser(ctx context.Context, r *running, details account.LoginDetails, m membership) error {
	if (m.organization == "") != (m.role == "") {
		return errors.New("--organization and --role go together")
	}
	if m.role != "" && !m.role.Valid() {
		return fmt.Errorf("there is no role %q", m.role)
	}
	var org account.Organization
	var err error
	if m.organization != "" {
		if org, err = r.Access().OrganizationBySlug(ctx, m.organization); err != nil {
			return err
		}
	}
	login, err := r.Access().CreateLogin(ctx, details, m.password)
	if err != nil {
		return err
	}
	if m.organization != "" {
		who := actor.From(ctx)
		who.OrgID = org.ID.UUID
		member := account.Membership{OrgID: org.ID, LoginID: login.ID, Role: m.role, CreatedAt: login.CreatedAt}
		if err := r.Access().AddMember(actor.With(ctx, who), member); err != nil {
			return err
		}
	}
	e.say("created %s\n", login.ID)
	return nil
}

// group is a command that only has others below it: alone it explains them, and a word it does not know is an error, as at the root.
func group(name, short string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
}
