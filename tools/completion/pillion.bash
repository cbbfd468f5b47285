# SPDX-License-Identifier: BSD-2-Clause
# bash completion for pillion(1): commands, options, host files, and paths inside images.

_pillion()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]}
	local common="--partition --type --verbose --backing --no-sandbox --help --usage" own=

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "info ls tree stat cat cp mkdir rm mv ln df tar run
			--help --version" -- "$cur")
		return
	fi
	if [[ $command == run ]]; then
		_pillion_run "$cur" "$prev"
		return
	fi
	case $command in
	info) own="--json" ;;
	ls) own="--all --long --directory --recursive --json" ;;
	tree) own="--all" ;;
	stat) own="--dereference --json" ;;
	cp) own="--recursive --owner" ;;
	mkdir) own="--parents --mode" ;;
	rm) own="--force --recursive" ;;
	ln) own="--symbolic" ;;
	df) own="--human-readable --json" ;;
	tar) own="--create --extract --file --owner" ;;
	esac
	case $prev in
	-t | --type)
		mapfile -t COMPREPLY < <(compgen -W "ext2 ext3 ext4 vfat exfat iso9660 squashfs ufs1
			ufs2 xfs btrfs f2fs ntfs udf hfs hfsplus erofs minix" -- "$cur")
		return
		;;
	-p | --partition | -m | --mode) return ;;
	-o | --owner)
		mapfile -t COMPREPLY < <(compgen -W "keep none" -- "$cur")
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$own $common" -- "$cur")
		return
	fi
	_pillion_operand
}

# pillion run: options with "=" in them, split into words by COMP_WORDBREAKS; then a program.
_pillion_run()
{
	local cur=$1 option=$2 i program=
	local options="--env= --file= --root= --strace --machine= --mem= --disk= --mount=
		--backing --cpu= --accel= --kernel= --qemu= --net= --nic= --publish= --address=
		--gateway= --dns= --pcap= --config= --timeout= --log-level= --timings --gdb
		--dry-run --image= --help --usage"

	[[ $option == "=" ]] && option=${COMP_WORDS[COMP_CWORD - 2]}
	[[ $cur == "=" ]] && option=${COMP_WORDS[COMP_CWORD - 1]} cur=
	# the first word that is neither an option nor the value of one
	for ((i = 2; i < COMP_CWORD && !${#program}; i++)); do
		[[ ${COMP_WORDS[i]} == [-=]* || ${COMP_WORDS[i - 1]} == "=" ||
			$options == *"${COMP_WORDS[i - 1]}="* ]] || program=${COMP_WORDS[i]}
	done
	compopt -o filenames 2>/dev/null
	if [[ -n $program ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	case $option in
	--machine) mapfile -t COMPREPLY < <(compgen -W "pc q35 microvm" -- "$cur") ;;
	--accel) mapfile -t COMPREPLY < <(compgen -W "tcg kvm" -- "$cur") ;;
	--net) mapfile -t COMPREPLY < <(compgen -W "user user,restrict tap= none" -- "$cur") ;;
	--nic) mapfile -t COMPREPLY < <(compgen -W "e1000 e1000e virtio pcnet rtl8139 vmxnet3" \
		-- "$cur") ;;
	--log-level) mapfile -t COMPREPLY < <(compgen -W "0 1 2 3 4 5 6 7" -- "$cur") ;;
	--env) mapfile -t COMPREPLY < <(compgen -v -- "$cur") ;;
	--file | --root | --disk | --kernel | --pcap | --config | --image | --gdb)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	--mem | --mount | --cpu | --qemu | --publish | --address | --gateway | --dns | --timeout) ;;
	*)
		if [[ $cur == -* ]]; then
			compopt -o nospace +o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
		fi
		;;
	esac
}

# A host file, or a path inside an image. The colon splits words (COMP_WORDBREAKS), so the operand
# is put together again from the line; what is offered is the part after the last colon.
_pillion_operand()
{
	local line=${COMP_LINE:0:COMP_POINT} word image path dir name choice=() i value

	# which file system the line chooses so far: the latest of each option holds
	for ((i = 2; i < COMP_CWORD; i++)); do
		value=${COMP_WORDS[i + 1]}
		[[ $value == "=" ]] && value=${COMP_WORDS[i + 2]}
		case ${COMP_WORDS[i]} in
		-p | --partition | -t | --type) choice+=("${COMP_WORDS[i]}" "$value") ;;
		-[pt]?* | --backing) choice+=("${COMP_WORDS[i]}") ;;
		esac
	done
	word=${line##*[[:space:]]}
	compopt -o filenames 2>/dev/null
	if [[ $word != *:/* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
	fi
	image=${word%%:/*}
	path=/${word#*:/}
	dir=${path%/*}/
	compopt -o nospace 2>/dev/null
	while IFS= read -r name; do
		[[ $dir$name == "$path"* ]] && COMPREPLY+=("$dir$name")
	done < <("${COMP_WORDS[0]}" ls -a "${choice[@]}" "$image:$dir" 2>/dev/null)
}

complete -F _pillion pillion
