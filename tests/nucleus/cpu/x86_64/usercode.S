/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of user code; ../../program.h. Position independent. */
	.section .rodata
	.globl	user_code, user_code_end
	.p2align 12
user_code:
	.globl	code_syscall
code_syscall:			/* a call, and again with the result as its number, counted in rbx */
	movl	$1, %eax
1:	incq	%rbx
	syscall
	jmp	1b

	.globl	code_call
code_call:
	syscall
	ret

	.globl	code_read
code_read:
	movq	(%rdi), %rax
	syscall

	.globl	code_write
code_write:
	movq	%rax, (%rdi)
	syscall

	.globl	code_jump
code_jump:
	jmp	*%rdi

	.globl	code_spin
code_spin:			/* count in memory for ever */
1:	incq	(%rdi)
	jmp	1b

	.globl	code_privileged
code_privileged:
	cli

	.globl	code_selector
code_selector:			/* of the LDT, at 0x1000 there */
	movl	$0x1007, %eax
	movl	%eax, %ds

	.globl	code_divide
code_divide:
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	divl	%ecx

	.globl	code_break
code_break:
	int3

	.globl	code_undefined
code_undefined:
	ud2

	.globl	code_fp
code_fp:			/* rdi in xmm7 and st0 for ever; ends if it is ever another */
	movq	%rdi, %xmm7
	pushq	%rdi
	fildll	(%rsp)
1:	incq	(%rsi)
	movq	%xmm7, %rax
	cmpq	%rdi, %rax
	jne	2f
	fistpll	(%rsp)
	fildll	(%rsp)
	cmpq	%rdi, (%rsp)
	je	1b
2:	ud2

	.globl	code_fpload
code_fpload:			/* xmm7 to rax */
	movq	%xmm7, %rax
	syscall

	.globl	code_fs
code_fs:			/* what %fs and %gs point at */
	movq	%fs:0, %rax
	movq	%gs:0, %rbx
	syscall

	.globl	code_flags
code_flags:			/* alignment check and direction flag set, as a program may */
	pushfq
	orq	$0x40400, (%rsp)
	popfq
	syscall
user_code_end:

	.section .note.GNU-stack, "", @progbits
