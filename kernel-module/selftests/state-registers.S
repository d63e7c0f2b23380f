/* SPDX-License-Identifier: GPL-2.0 */
/*
 * void wait_with_registers(volatile int *go, struct registers *registers): loads every register from
 * the given values, spins until *go is not 0, and stores what the registers hold by then.
 */
	.text
	.globl	wait_with_registers
	.type	wait_with_registers, @function
wait_with_registers:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	fldl	360(%rsi)
	ldmxcsr	368(%rsi)
	.set	i, 0
	.irp	register, rax, rbx, rcx, rdx, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movq	i * 8(%rsi), %\register
	.set	i, i + 1
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movdqu	104 + \n * 16(%rsi), %xmm\n
	.endr
	/* The carry flag is a register, too. */
	stc
1:	pause
	jnc	2f
	push	%rax
	mov	(%rdi), %eax
	inc	%eax
	dec	%eax
	pop	%rax
	jz	1b
	jmp	3f
2:	movq	$0, (%rsi)
3:
	.set	i, 0
	.irp	register, rax, rbx, rcx, rdx, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movq	%\register, i * 8(%rsi)
	.set	i, i + 1
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movdqu	%xmm\n, 104 + \n * 16(%rsi)
	.endr
	fstpl	360(%rsi)
	stmxcsr	368(%rsi)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size	wait_with_registers, . - wait_with_registers
	.section .note.GNU-stack, "", @progbits
