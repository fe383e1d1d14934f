# Makes a cluster's directory, waits until standard input ends, then ends the cluster's processes and removes the directory.
# $1 the directory, $2 "create", or "clean" to end and remove at once.
#
# Standard input is a pipe from the JVM, so it ends when the JVM closes it and also when the JVM is killed.
trap '' HUP INT TERM
dir=$1
if [ "$2" = create ]; then
    mkdir -m 711 "$dir" && mkdir -m 700 "$dir/pids" || exit 1
    echo created
    while read -r _; do :; done
fi
[ -d "$dir" ] || exit 0
: > "$dir/closing"

# Without /proc (macOS) the processes are asked for by name of the parent, and a process id alone has to identify one.
fields() { state=$1 parent=$2 started=${20}; }
stat_of() { { read -r line < "/proc/$1/stat"; } 2> /dev/null && fields ${line##*) }; }
alive() { # $1 process id, $2 when it started, or "-"
    if [ ! -r /proc/self/stat ]; then kill -0 "$1" 2> /dev/null; return; fi
    stat_of "$1" && [ "$state" != Z ] && [ "$state" != X ] && { [ "$2" = - ] || [ "$2" = "$started" ]; }
}
children() {
    if [ ! -r /proc/self/stat ]; then pgrep -P "$1"; return; fi
    for entry in /proc/[0-9]*; do
        if stat_of "${entry#/proc/}" && [ "$parent" = "$1" ]; then echo "${entry#/proc/}"; fi
    done
}
tree() {
    echo "$1"
    for child in $(children "$1"); do tree "$child"; done
}
any_alive() {
    for each in $all; do alive "$each" - && return 0; done
    return 1
}
wait_for_end() {
    turns=0
    while any_alive && [ $turns -lt 60 ]; do sleep 0.05; turns=$((turns + 1)); done
}

all= signals=
for file in "$dir"/pids/*; do
    pid= since= signal=
    { read -r pid since signal < "$file"; } 2> /dev/null
    if [ -n "$signal" ] && alive "$pid" "$since"; then
        family=$(tree "$pid")
        all="$all $family"
        # A server that is told to quit ends its children and frees its shared memory; nothing else can do that as well.
        if [ "$signal" = KILL ]; then kill -KILL $family 2> /dev/null; else kill -s "$signal" "$pid" 2> /dev/null; fi
    fi
done
if [ -n "$all" ]; then
    # Frozen ones cannot quit.
    kill -CONT $all 2> /dev/null
    wait_for_end
    if any_alive; then
        kill -KILL $all 2> /dev/null
        wait_for_end
    fi
fi

# What a killed PostgreSQL leaves in the kernel; its id is the last number of the seventh line.
for file in "$dir"/*/data/postmaster.pid; do
    if [ -f "$file" ]; then
        segment=$(sed -n 7p "$file")
        [ -z "$segment" ] || ipcrm -m "${segment##* }" 2> /dev/null
    fi
done

# First what a server needs in order to start, so that one which is just being started cannot come up in a half-removed directory.
mv "$dir/pids" "$dir/ended" 2> /dev/null
turns=0
while [ -e "$dir" ] && [ $turns -lt 50 ]; do
    rm -rf "$dir" 2> /dev/null
    [ ! -e "$dir" ] || sleep 0.1
    turns=$((turns + 1))
done
