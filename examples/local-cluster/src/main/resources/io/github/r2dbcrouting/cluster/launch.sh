# Becomes a server process that guard.sh is sure to find.
# $1 the cluster's directory, $2 a name, $3 the signal that ends the server, then the server's command line.
#
# The process id is written before the server exists, and only then the mark of a closing cluster is looked for. So either
# the guard, which makes the mark before it reads the process ids, sees this process, or this process sees the mark.
dir=$1 pid_file=$1/pids/$2 signal=$3
shift 3
since() { started=${20}; }
started=-
if { read -r line < /proc/$$/stat; } 2> /dev/null; then since ${line##*) }; fi
echo "$$ $started $signal" > "$pid_file" || exit 1
[ ! -e "$dir/closing" ] || exit 1
exec "$@"
