# Completes the smsenc command in bash; made by tools/completion.
_smsenc_words() {
    REPLY=
    case "$1" in
    "") REPLY="convert batch decode transcode studio inspect explain preview count lint formats config profiles docs schema upload send log watch gateway simulate doctor completion" ;;
    "completion") REPLY="bash fish zsh" ;;
    "gateway") REPLY="run check status backup restore reload upgrade drain files account user queue route message callback reply optout" ;;
    "gateway account") REPLY="add list credit password close freeze pause resume" ;;
    "gateway callback") REPLY="list retry test" ;;
    "gateway files") REPLY="Containerfile container.toml gateway.toml smsenc-gateway.service" ;;
    "gateway message") REPLY="list show cancel delay resend settle" ;;
    "gateway optout") REPLY="list add remove" ;;
    "gateway queue") REPLY="pause resume" ;;
    "gateway reply") REPLY="list assign" ;;
    "gateway route") REPLY="list pause resume explain" ;;
    "gateway user") REPLY="add list password role disable enable remove" ;;
    "simulate") REPLY="reply" ;;
    esac
}
_smsenc_options() {
    REPLY=
    case "$1" in
    "") REPLY="-V --version -q --quiet -v --verbose --install-completion --show-completion -h --help" ;;
    "batch") REPLY="--text --text-file --attach --out --column --delimiter --charset --sheet --region --opt-out --unique --substitute --rejects --prices --max-cost --max-parts --profile --flash --reference --jobs --scheduler --shard --name --force --sample --dry-run --json -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone --tz --strict --client-id --from --ack --callback --delay --at --validity --max-credits --features --queue --escalate --mo --binary --reply -q --quiet -v --verbose -h --help" ;;
    "completion") REPLY="-q --quiet -v --verbose -h --help" ;;
    "config") REPLY="--json -q --quiet -v --verbose -h --help" ;;
    "convert") REPLY="--out --as --format --reference --name --dry-run --json --force --to --to-file --flash --max-parts --pack --profile -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone --tz --strict --language --client-id --from --ack --callback --delay --at --validity --max-credits --features --queue --escalate --mo --binary --reply -q --quiet -v --verbose -h --help" ;;
    "count") REPLY="--language --substitute --prices --show --json -q --quiet -v --verbose -h --help" ;;
    "decode") REPLY="--suffix --force -q --quiet -v --verbose -h --help" ;;
    "docs") REPLY="--port --open -q --quiet -v --verbose -h --help" ;;
    "doctor") REPLY="--json -q --quiet -v --verbose -h --help" ;;
    "explain") REPLY="--as --all --json -q --quiet -v --verbose -h --help" ;;
    "formats") REPLY="--json -q --quiet -v --verbose -h --help" ;;
    "gateway") REPLY="-q --quiet -v --verbose -h --help" ;;
    "gateway account add") REPLY="--data --config --credit --api-id --user --json -q --quiet -v --verbose -h --help" ;;
    "gateway account close") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway account credit") REPLY="--data --config --take --note --json -q --quiet -v --verbose -h --help" ;;
    "gateway account freeze") REPLY="--data --config --end -q --quiet -v --verbose -h --help" ;;
    "gateway account list") REPLY="--data --config --json -q --quiet -v --verbose -h --help" ;;
    "gateway account password") REPLY="--data --config --ftp --generate -q --quiet -v --verbose -h --help" ;;
    "gateway account pause") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway account resume") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway backup") REPLY="--data --config --force -q --quiet -v --verbose -h --help" ;;
    "gateway callback list") REPLY="--data --config --failed --json -q --quiet -v --verbose -h --help" ;;
    "gateway callback retry") REPLY="--data --config --all -q --quiet -v --verbose -h --help" ;;
    "gateway callback test") REPLY="--data --config --account --json -q --quiet -v --verbose -h --help" ;;
    "gateway check") REPLY="--data --config --connect --json -q --quiet -v --verbose -h --help" ;;
    "gateway drain") REPLY="--data --config --timeout -q --quiet -v --verbose -h --help" ;;
    "gateway files") REPLY="-q --quiet -v --verbose -h --help" ;;
    "gateway message cancel") REPLY="--data --config --account --file --all-waiting --yes -q --quiet -v --verbose -h --help" ;;
    "gateway message delay") REPLY="--data --config --minutes --until -q --quiet -v --verbose -h --help" ;;
    "gateway message list") REPLY="--data --config --state --account --file --limit --json -q --quiet -v --verbose -h --help" ;;
    "gateway message resend") REPLY="--data --config --state --account --file --yes -q --quiet -v --verbose -h --help" ;;
    "gateway message settle") REPLY="--data --config --result -q --quiet -v --verbose -h --help" ;;
    "gateway message show") REPLY="--data --config --json -q --quiet -v --verbose -h --help" ;;
    "gateway optout add") REPLY="--data --config --account --kind --file -q --quiet -v --verbose -h --help" ;;
    "gateway optout list") REPLY="--data --config --account --kind --csv --json -q --quiet -v --verbose -h --help" ;;
    "gateway optout remove") REPLY="--data --config --account --kind --file -q --quiet -v --verbose -h --help" ;;
    "gateway queue pause") REPLY="--data --config --account -q --quiet -v --verbose -h --help" ;;
    "gateway queue resume") REPLY="--data --config --account -q --quiet -v --verbose -h --help" ;;
    "gateway reload") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway reply assign") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway reply list") REPLY="--data --config --account --undelivered --since --texts --json -q --quiet -v --verbose -h --help" ;;
    "gateway restore") REPLY="--data --config --resend -q --quiet -v --verbose -h --help" ;;
    "gateway route explain") REPLY="--data --config --features --parts --escalate --max-credits --replies-to --json -q --quiet -v --verbose -h --help" ;;
    "gateway route list") REPLY="--data --config --json -q --quiet -v --verbose -h --help" ;;
    "gateway route pause") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway route resume") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway run") REPLY="--data --config --ftp-host --ftp-port --http-port --http-host --behind-proxy --route --node --roles --upgrade --json --log-format --log-level --log-numbers --log-texts -q --quiet -v --verbose -h --help" ;;
    "gateway status") REPLY="--data --config --json -q --quiet -v --verbose -h --help" ;;
    "gateway upgrade") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway user add") REPLY="--data --config --role --account --type --json -q --quiet -v --verbose -h --help" ;;
    "gateway user disable") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway user enable") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway user list") REPLY="--data --config --json -q --quiet -v --verbose -h --help" ;;
    "gateway user password") REPLY="--data --config --generate -q --quiet -v --verbose -h --help" ;;
    "gateway user remove") REPLY="--data --config -q --quiet -v --verbose -h --help" ;;
    "gateway user role") REPLY="--data --config --role --account -q --quiet -v --verbose -h --help" ;;
    "inspect") REPLY="--as --row --json -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone --tz -q --quiet -v --verbose -h --help" ;;
    "lint") REPLY="--profile --strict --select --ignore --statistics --fix --explain --json -q --quiet -v --verbose -h --help" ;;
    "log") REPLY="--replies --json --csv --watch --every --retries --host --port --tls --folder --ca-file --no-verify --timeout --temporary -q --quiet -v --verbose -h --help" ;;
    "preview") REPLY="-o --out --as --image --contact-sheet --suffix --force -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone --tz -q --quiet -v --verbose -h --help" ;;
    "profiles") REPLY="--json -q --quiet -v --verbose -h --help" ;;
    "schema") REPLY="-q --quiet -v --verbose -h --help" ;;
    "send") REPLY="--smsc --as --window --rate --gsm7 --carry --receipts --resend --reference --ca-file --json --to --to-file --flash --max-parts --pack --profile -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone --tz --strict --language --client-id --from --ack --callback --delay --at --validity --max-credits --features --queue --escalate --mo --binary --reply -q --quiet -v --verbose -h --help" ;;
    "simulate") REPLY="--host --port --http-host --http-port --open-pages --data --keep --max-age --credentials --json --receipts --suffix --receipt-id --receipt-delay --late-delay --chaos --slow-delay --seed --window --rate --webhook --release --release-to -q --quiet -v --verbose -h --help" ;;
    "simulate reply") REPLY="--from --to --text --udh --data --app-port --api --json -q --quiet -v --verbose -h --help" ;;
    "studio") REPLY="--host --port --smsc --json -q --quiet -v --verbose -h --help" ;;
    "transcode") REPLY="--suffix --force -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone -q --quiet -v --verbose -h --help" ;;
    "upload") REPLY="--connections --limit-rate --retries --resend --json --host --port --tls --folder --ca-file --no-verify --timeout --temporary -q --quiet -v --verbose -h --help" ;;
    "watch") REPLY="--out --once --settle --retries --json --to --to-file --flash --max-parts --pack --profile -O --option --mcc-mnc --track --channel --skyline --start --bars --transpose --no-quantise --phone --tz --strict --client-id --from --ack --callback --delay --at --validity --max-credits --features --queue --escalate --mo --binary --reply --host --port --tls --folder --ca-file --no-verify --timeout --temporary -q --quiet -v --verbose -h --help" ;;
    esac
}
_smsenc_values() {
    REPLY=
    case "$1" in
    "--format") REPLY="at ftp json pdu smstools" ;;
    "--as") REPLY="calendar imelody logo-file midi ott picture rtttl text vcard" ;;
    "--profile") REPLY="clickatell" ;;
    "--tls") REPLY="explicit implicit none" ;;
    "--temporary") REPLY="hidden suffix none" ;;
    "--log-format") REPLY="text json" ;;
    "--log-level") REPLY="debug info warning error" ;;
    "--state") REPLY="delayed waiting sending sent delivered failed expired cancelled unknown" ;;
    "--result") REPLY="delivered failed" ;;
    "--roles") REPLY="ftp send callback web" ;;
    "-O") REPLY="bars= cancelled= channel= charset= coding= dither= expand= form= groups= invert= max-parts= mcc-mnc= notes= phone= place= plain= quantise= read-as= sharpen= size= skyline= start= strict= target= text= threshold= track= transpose= tz=" ;;
    "--option") REPLY="bars= cancelled= channel= charset= coding= dither= expand= form= groups= invert= max-parts= mcc-mnc= notes= phone= place= plain= quantise= read-as= sharpen= size= skyline= start= strict= target= text= threshold= track= transpose= tz=" ;;
    esac
}
_smsenc() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} name= i=1 REPLY
    [[ $cur != = ]] || cur=
    while ((i < COMP_CWORD)); do
        _smsenc_words "$name"
        [[ " $REPLY " == *" ${COMP_WORDS[i]} "* ]] || break
        name="${name:+$name }${COMP_WORDS[i]}"
        ((i++))
    done
    _smsenc_values "$prev"
    if [[ -z $REPLY ]]; then
        if [[ $cur == -* ]]; then
            _smsenc_options "$name"
        elif ((i == COMP_CWORD)); then
            _smsenc_words "$name"
        fi
    fi
    COMPREPLY=($(compgen -W "$REPLY" -- "$cur"))
    if [[ ${COMPREPLY[0]-} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o default -F _smsenc smsenc
