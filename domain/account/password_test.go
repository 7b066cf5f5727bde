package account_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/account"
)

func TestCheckPasswordAccepts(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		"tall grass by the river", "Xq7#mmPw!29z", "ein langes Passwort für Bücher", "日本語のとても長いパスワード", strings.Repeat("river ", 33), "riverbend sunset ferry",
	} {
		require.NoError(t, account.CheckPassword(password, "owner@riverbend.example"), password)
	}
}

func TestCheckPasswordRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, password string
		want           error
	}{
		{"eleven characters", "Xq7#mmPw!29", account.ErrPasswordShort},
		{"eleven characters of many bytes", strings.Repeat("é", 11), account.ErrPasswordShort},
		{"201 characters", strings.Repeat("river", 40) + "s", account.ErrPasswordLong},
		{"the e-mail", "Owner@Riverbend.example", account.ErrPasswordEmail},
		{"the name in the e-mail, decorated", "owner1234567", account.ErrPasswordEmail},
		{"a common one with digits", "Password2026!", account.ErrPasswordEasy},
		{"letters written as digits", "P@ssw0rd12345", account.ErrPasswordEasy},
		{"a common one twice", "qwertyqwerty", account.ErrPasswordEasy},
		{"a keyboard row", "1qaz2wsx3edc", account.ErrPasswordEasy},
		{"counting", "123456789012", account.ErrPasswordEasy},
		{"the alphabet", "abcdefghijklmn", account.ErrPasswordEasy},
		{"one letter", "aaaaaaaaaaaaaaa", account.ErrPasswordEasy},
		{"the comic's example", "correcthorsebatterystaple", account.ErrPasswordEasy},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, account.CheckPassword(tc.password, "owner@riverbend.example"), tc.want)
		})
	}
}
