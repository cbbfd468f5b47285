/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doubly linked circular lists whose links lie in their elements. No locking of their own.
 * Invariant: for every link l of a list, head included, l->next->prev == l.
 */
#ifndef NUCLEUS_LIST_H
#define NUCLEUS_LIST_H

#include <nucleus/types.h>

struct list {
	struct list	*next, *prev;
};

#define LIST_INIT(name)	{ &(name), &(name) }

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert_before(struct list *at, struct list *l)
{
	l->next = at;
	l->prev = at->prev;
	at->prev->next = l;
	at->prev = l;
}

static inline void list_add_tail(struct list *head, struct list *l)
{
	list_insert_before(head, l);
}

static inline void list_add_head(struct list *head, struct list *l)
{
	list_insert_before(head->next, l);
}

/* Take l out of its list. It is a list of its own afterwards, so taking it out again is allowed. */
static inline void list_del(struct list *l)
{
	l->next->prev = l->prev;
	l->prev->next = l->next;
	list_init(l);
}

#define list_entry(l, type, member)	container_of(l, type, member)
#define list_first(head, type, member)	list_entry((head)->next, type, member)

#define list_for_each(pos, head, member) \
	for (pos = list_entry((head)->next, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/* The same, where the body may take pos out of the list. */
#define list_for_each_safe(pos, tmp, head, member) \
	for (pos = list_entry((head)->next, __typeof__(*pos), member), \
	     tmp = list_entry(pos->member.next, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = tmp, tmp = list_entry(tmp->member.next, __typeof__(*pos), member))

#endif /* NUCLEUS_LIST_H */
