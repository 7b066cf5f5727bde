package access

import (
	"context"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/fault"
)

// CreateLogin makes a login with a password, for the command line and the demo; people come in by invitation.
func (s *Service) CreateLogin(ctx context.Context, d account.LoginDetails, password string) (account.Login, error) {
	login, err := account.NewLogin(d, s.now())
	if err := fault.Join(err, account.CheckPassword(password, d.Email)); err != nil {
		return account.Login{}, err
	}
	phc, err := s.passwords.hash(ctx, password)
	if err != nil {
		return account.Login{}, err
	}
	login.SetPassword(phc, s.now())
	err = s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return s.insertLoginTx(ctx, tx, &login) })
	return login, err
}

func (s *Service) insertLoginTx(ctx context.Context, tx database.Tx, l *account.Login) error {
	if err := insertLogin(ctx, tx, l); err != nil {
		return err
	}
	recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: l.ID, Action: account.LoginCreated, At: s.now()})
	return nil
}
