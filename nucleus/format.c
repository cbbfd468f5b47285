/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output. The interface is in log.h.
 * Locking: none.
 */
#include <nucleus/log.h>
#include <nucleus/string.h>

struct out {
	char	*buf;
	size_t	size, len;		/* len may be larger than size: what would have been */
};

struct spec {
	bool	left, zero, plus, space, alt, upper;
	int	width, precision;	/* precision -1: none */
	int	bits;			/* of an integer argument */
};

static void put(struct out *o, char c)
{
	if (o->len < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	size_t n;

	if (s == NULL)
		s = "(null)";
	n = sp->precision >= 0 ? strnlen(s, (size_t)sp->precision) : strlen(s);
	if (!sp->left)
		pad(o, ' ', sp->width - (int)n);
	for (size_t i = 0; i < n; i++)
		put(o, s[i]);
	if (sp->left)
		pad(o, ' ', sp->width - (int)n);
}

static void put_number(struct out *o, const struct spec *sp, uint64_t v, unsigned base,
    bool negative)
{
	const char *digits = sp->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	const char *prefix = negative ? "-" : sp->plus ? "+" : sp->space ? " " :
	    sp->alt && base == 16 && v != 0 ? (sp->upper ? "0X" : "0x") :
	    sp->alt && base == 8 ? "0" : "";
	char buf[24];
	int n = 0, zeroes, blanks;

	for (; v != 0 || (n == 0 && sp->precision != 0); v /= base)
		buf[n++] = digits[v % base];
	zeroes = MAX(sp->precision - n, 0);
	blanks = sp->width - (int)strlen(prefix) - zeroes - n;
	if (sp->zero && !sp->left && sp->precision < 0) {
		zeroes += MAX(blanks, 0);
		blanks = 0;
	}
	if (!sp->left)
		pad(o, ' ', blanks);
	while (*prefix != '\0')
		put(o, *prefix++);
	pad(o, '0', zeroes);
	while (n > 0)
		put(o, buf[--n]);
	if (sp->left)
		pad(o, ' ', blanks);
}

static const char *parse_number(const char *f, int *value, va_list *ap)
{
	if (*f == '*') {
		*value = va_arg(*ap, int);
		return f + 1;
	}
	for (*value = 0; *f >= '0' && *f <= '9'; f++)
		*value = *value * 10 + (*f - '0');
	return f;
}

/* Flags, width, precision, length; returns where the conversion stands. */
static const char *parse(const char *f, struct spec *sp, va_list *ap)
{
	*sp = (struct spec) { .precision = -1, .bits = 32 };
	for (;; f++) {
		switch (*f) {
		case '-': sp->left = true; continue;
		case '0': sp->zero = true; continue;
		case '+': sp->plus = true; continue;
		case ' ': sp->space = true; continue;
		case '#': sp->alt = true; continue;
		}
		break;
	}
	f = parse_number(f, &sp->width, ap);
	if (sp->width < 0) {
		sp->left = true;
		sp->width = -sp->width;
	}
	if (*f == '.')
		f = parse_number(f + 1, &sp->precision, ap);
	for (; *f == 'h'; f++)
		sp->bits /= 2;
	for (; strchr("lzjt", *f) != NULL && *f != '\0'; f++)
		sp->bits = 64;
	return f;
}

static int64_t get_signed(const struct spec *sp, va_list *ap)
{
	int64_t v = sp->bits == 64 ? va_arg(*ap, int64_t) : va_arg(*ap, int);

	return sp->bits == 16 ? (int16_t)v : sp->bits == 8 ? (int8_t)v : v;
}

static uint64_t get_unsigned(const struct spec *sp, va_list *ap)
{
	uint64_t v = sp->bits == 64 ? va_arg(*ap, uint64_t) : va_arg(*ap, unsigned);

	return sp->bits < 64 ? v & (((uint64_t)1 << sp->bits) - 1) : v;
}

static void convert(struct out *o, char conversion, struct spec *sp, va_list *ap)
{
	char c[2] = "";
	int64_t v;

	switch (conversion) {
	case 'd':
	case 'i':
		v = get_signed(sp, ap);
		put_number(o, sp, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0);
		break;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		sp->upper = conversion == 'X';
		sp->plus = sp->space = false;
		put_number(o, sp, get_unsigned(sp, ap),
		    conversion == 'u' ? 10 : conversion == 'o' ? 8 : 16, false);
		break;
	case 'p':
		sp->alt = true;
		put_number(o, sp, (uintptr_t)va_arg(*ap, void *), 16, false);
		break;
	case 'c':
		c[0] = (char)va_arg(*ap, int);
		put_string(o, sp, c);
		break;
	case 's':
		put_string(o, sp, va_arg(*ap, const char *));
		break;
	default:
		put(o, conversion);
	}
}

int vformat(char *buf, size_t len, const char *fmt, va_list args)
{
	struct out o = { buf, len > 0 ? len - 1 : 0, 0 };
	struct spec sp;
	va_list ap;

	va_copy(ap, args);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse(fmt + 1, &sp, &ap);
		if (*fmt == '\0')
			break;
		convert(&o, *fmt, &sp, &ap);
	}
	va_end(ap);
	if (len > 0)
		buf[MIN(o.len, o.size)] = '\0';
	return (int)o.len;
}

int format(char *buf, size_t len, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vformat(buf, len, fmt, ap);
	va_end(ap);
	return n;
}
