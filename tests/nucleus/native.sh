# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Native processes, the same on all machines: the test programs of user/tests, each as the first
# process. Sourced by the suites' native.t after their lib.sh, whose boot runs the image that the
# variable named by $image_name says.

# What is right or wrong.
programs() { # NAME MACHINE ARGS...
	local name=$1 machine=$2 program
	shift 2
	# One CPU: where QEMU counts, several run in turns, of 100 ms.
	steady "$machine" "init=time cpus=1" "$@"
	group "$name: time"
	for program in process limits library ipc partner capability notify dma forbidden; do
		boot "$machine" "init=$program" "$@"
		group "$name: $program"
	done
	messages "$name"
}

measured() { # NAME MACHINE
	boot "$2" init=cost -icount shift=0,sleep=off
	group "$1: what native processes cost, in instructions"
}

# Random ones: processes, and system calls.
random() { # NAME PROCESSES CALLERS MACHINE ARGS...
	local name=$1 processes=$2 callers=$3 machine=$4
	shift 4
	LIMIT=120 boot "$machine" "init=leak,$seed,$processes log=error" "$@"
	group "$name: $processes processes leave nothing behind, seed $seed"
	LIMIT=120 boot "$machine" "init=fuzz,$seed,$callers log=error" "$@"
	group "$name: random system calls, seed $seed"
}

# The kernel's own stress and random processes on four CPUs, with images of the checked build
# (nucleus/checked.h): each round with another seed, one round, or PILLION_LONG minutes of them.
races() { # MACHINE NUCLEUS-TEST NATIVE-TEST
	local machine=$1 kernel=$2 native=$3 what round rounds seconds=3
	local -n booted=$image_name
	rounds=$([ -n "${PILLION_LONG-}" ] && echo 10 || echo 1)
	[ "$rounds" = 1 ] || seconds=20
	for ((round = 0; round < rounds; round++, seed++)); do
		booted=$kernel
		for what in "cpus count=4" "stress seed=$seed seconds=$seconds"; do
			LIMIT=200 boot "$machine" "test=$what delays=$seed" -smp 4
			group "$machine: ${what%% *}, delays of seed $seed"
		done
		booted=$native
		for what in process ipc partner capability notify "leak,$seed,$((rounds * 100))" \
			"fuzz,$seed,100"; do
			LIMIT=200 boot "$machine" "init=$what delays=$seed log=error" -smp 4
			group "$machine: ${what%%,*}, delays of seed $seed"
		done
	done
}

# After the program "forbidden": each child that did what it must not has ended with a message and
# its registers.
messages() { # NAME
	local ended said
	ended=$(grep -c '^ok .*: ends it$' out)
	said=$(grep -Ec 'process [0-9]+ \(forbidden\): ((read of|write to|execution of) 0|exception)' out)
	[ "$ended" -ge 20 ] && [ "$said" = "$ended" ] &&
		[ "$(grep -Ec '^\[.*\]   (rip|pc) +[0-9a-f]{16}  ' out)" = "$ended" ]
	ok "$1: as many messages of what is forbidden as processes that did it ($said, $ended)" || show
}

# ---- boot archives that are none ----

# What is in the folder "files" becomes the image's archive, in place of ARCHIVE, which it has.
pack() { # IMAGE ARCHIVE
	(cd files && find . -type f | sort | cpio --quiet -o -H newc) >small.cpio
	perl -e 'local $/; my ($image, $old, $new) = map { open(my $f, "<", $_) or die; <$f> } @ARGV;
		my $at = index($image, $old);
		die "not found" if $at < 0 || length($new) > length($old);
		substr($image, $at, length($new)) = $new;
		print $image;' "$1" "$2" small.cpio >packed
}

# shellcheck disable=SC2034 # booted: boot uses it by its own name
archives() { # NAME MACHINE ARCHIVE
	local name=$1 machine=$2 archive=$3 original=${!image_name}
	local -n booted=$image_name

	bad() { # NAME WANTED
		booted=$work/packed
		boot "$machine" ""
		[ $? = "$status_panic" ] && grep -Eq "^panic: $2" out
		ok "$name: $1" || show
		booted=$original
	}
	unpacked() {
		rm -rf files && mkdir files
		(cd files && cpio --quiet -i -d) <"$archive"
	}

	unpacked
	mv files/exec files/init
	rm files/[a-hj-z]*
	pack "$original" "$archive"
	booted=$work/packed
	boot "$machine" "init=init,one,,three"
	[ $? != "$status_panic" ] && grep -q 'init has ended with status 3' out
	ok "$name: an archive of one's own" || show
	booted=$original

	perl -0777 -i -pe 's/070701(?=.{104}.*?TRAILER)/070702/s' packed
	bad "an archive whose first entry is none" 'the boot archive is damaged at byte 0 of [0-9]+$'
	rm files/init
	echo "not a program" >files/text
	pack "$original" "$archive"
	bad "an archive without init" 'init is not in the boot archive'
	perl -0777 -i -pe 's/TRAILER!!!/TRAILER!!?/' packed
	bad "an archive without an end" 'the boot archive is damaged at byte [1-9][0-9]+ of'
	mv files/text files/init
	pack "$original" "$archive"
	bad "an init that is no program" 'init is not a static program for this CPU, or is damaged'
	unpacked
	for size in 30 100 2000; do
		rm -rf files/[a-z]*
		(cd files && cpio --quiet -i -d exec) <"$archive"
		head -c "$size" files/exec >files/init
		rm files/exec
		pack "$original" "$archive"
		bad "an init of which the first $size bytes are there" \
			'init is not a static program for this CPU, or is damaged'
	done
	rm -rf packed small.cpio files
}
