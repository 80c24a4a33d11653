// From the manual pages of the services: which word names a command, and what
// the service gives to it.

#include "verifier/facts/hook_table.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "verifier/base/text.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Source = ShellSource;
using Form = HookForm;

constexpr auto kAsked = Source::kRequest;
constexpr auto kTold = Source::kMessage;
constexpr auto kPlugged = Source::kPlaced;
constexpr auto kNone = Source::Bits{0};

constexpr HookRow kHooks[] = {
    // Logs.
    {"rsyslog", "rsyslog.conf rsyslog.d/", "binary=", Form::kQuoted, kTold,
     "<"},
    {"rsyslog", "rsyslog.conf rsyslog.d/", "~^", Form::kRest, kTold, "<", '\0',
     ';'},
    {"syslog-ng", "syslog-ng.conf syslog-ng/", "program(", Form::kQuoted, kTold,
     "<"},
    {"logstash", "logstash/ *.logstash", "command~=>", Form::kQuoted, kTold,
     "%<"},
    {"fluentd", "fluent/ fluentd/ td-agent/ fluent.conf", "^command",
     Form::kRest, kTold, "<"},
    {"telegraf", "telegraf.conf telegraf.d/ telegraf/", "^command", Form::kList,
     kTold, "<"},
    {"vector", "vector/ vector.toml vector.yaml", "^command", Form::kList,
     kTold, "<"},
    {"collectd", "collectd.conf collectd.d/ collectd/",
     "^exec ^notificationexec", Form::kList, kTold, "<"},
    {"logwatch", "swatch* swatchdog* logsurfer* .swatchrc", "^exec ^pipe",
     Form::kRest, kTold, "$<"},
    {"sec", "sec.conf sec/", "^action=shellcmd", Form::kRest, kTold, "$"},
    {"metalog", "metalog.conf", "^command", Form::kRest, kTold, ""},
    // Monitoring.
    {"snmpd", "snmpd.conf snmpd.local.conf snmpd.conf.d/ snmp/",
     "^pass ^pass_persist ^traphandle", Form::kSkip, kAsked, "<"},
    {"snmpd", "snmpd.conf snmpd.local.conf snmpd.conf.d/ snmp/",
     "^extend ^exec ^sh ^extend-sh ^extendfix", Form::kSkip, kNone, ""},
    {"snmptrapd", "snmptrapd.conf", "^traphandle", Form::kSkip, kTold, "<"},
    {"zabbix", "zabbix_agentd* zabbix_agent2* zabbix_agentd.d/ zabbix/",
     "^userparameter", Form::kRest, kAsked, "$", ','},
    {"nrpe", "nrpe.cfg nrpe_local.cfg nrpe.d/ nrpe/", "^command[", Form::kRest,
     kAsked, "$", '='},
    {"monit", "monit/ monitrc *.monitrc", "exec", Form::kQuoted, kNone, ""},
    {"icinga", "icinga/ icinga2/ nagios/ nagios3/ nagios4/",
     "command~=", Form::kList, kTold, ""},
    {"icinga", "icinga/ icinga2/ nagios/ nagios3/ nagios4/", "^command_line",
     Form::kRest, kTold, ""},
    {"prometheus", "*am-executor*", "cmd:", Form::kRest, kTold, "$"},
    // Mail.
    {"postfix", "master.cf", "argv=", Form::kRest, kTold, "$<"},
    {"postfix", "main.cf", "^mailbox_command ^mailbox_command_maps",
     Form::kRest, kTold, "<"},
    {"aliases", "aliases .forward .forward+* virtual *.aliases", "^",
     Form::kBar, kTold, "<"},
    {"qmail", ".qmail .qmail-* alias/", "^", Form::kBar, kTold, "<"},
    {"exim", "exim.conf exim4.conf* exim4/ exim/", "^command", Form::kRest,
     kTold, "$<"},
    {"exim", "exim.conf exim4.conf* exim4/ exim/", "${run{", Form::kRest, kTold,
     "$"},
    {"sieve", "*.sieve", "execute~:pipe pipe~:copy pipe", Form::kList, kTold,
     "<"},
    {"maildrop", "maildroprc .mailfilter mailfilter*", "to cc xfilter",
     Form::kBar, kTold, "<"},
    {"procmail", "procmailrc .procmailrc *.procmailrc", "^", Form::kBar, kTold,
     "<"},
    {"fetchmail", "fetchmailrc .fetchmailrc getmailrc", "mda preconnect",
     Form::kQuoted, kTold, "%<"},
    {"smtpd", "smtpd.conf", "mda proc-exec", Form::kQuoted, kTold, "%<"},
    {"dovecot", "dovecot.conf dovecot/", "^executable~=~script", Form::kRest,
     kAsked, "<"},
    {"mailcap", "mailcap .mailcap *.mailcap", "^", Form::kRest, kTold, "%", ';',
     ';'},
    // Addresses and names.
    {"dhcpd", "dhcpd.conf dhcpd6.conf dhcp/", "execute(", Form::kList, kAsked,
     "$"},
    {"dnsmasq", "dnsmasq.conf dnsmasq.d/ dnsmasq*", "^dhcp-script", Form::kRest,
     kAsked, ""},
    {"dhcpcd", "dhcpcd.conf dhclient.conf", "^script", Form::kRest, kAsked, ""},
    {"kea", "kea/ kea-dhcp*", "\"name\":", Form::kQuoted, kAsked, ""},
    {"powerdns", "powerdns/ pdns/ pdns.conf",
     "^pipe-command ^remote-connection", Form::kRest, kAsked, "<"},
    {"ddclient", "ddclient.conf ddclient*", "cmd= postscript=", Form::kRest,
     kNone, ""},
    {"inadyn", "inadyn.conf", "^exec ^ddns-script", Form::kRest, kNone, ""},
    // Logins and sessions.
    {"sshd", "sshd_config sshd_config.d/ ssh/",
     "^forcecommand ^authorizedkeyscommand ^authorizedprincipalscommand",
     Form::kRest, kAsked, "%"},
    {"ssh", "ssh_config ssh_config.d/ .ssh/",
     "^proxycommand ^localcommand ^knownhostscommand", Form::kRest, kNone, ""},
    {"pam", "pam.d/ pam.conf", "pam_exec.so~expose_authtok", Form::kRest,
     kAsked, "<"},
    {"tcpwrappers", "hosts.allow hosts.deny", "spawn twist", Form::kRest,
     kAsked, "%"},
    {"lightdm", "lightdm.conf lightdm/ lightdm.conf.d/",
     "^greeter-setup-script ^session-setup-script ^display-setup-script",
     Form::kRest, kNone, ""},
    // Files.
    {"proftpd", "proftpd.conf proftpd/",
     "^execonconnect ^execonlogin ^execonexit", Form::kRest, kAsked, "%"},
    {"proftpd", "proftpd.conf proftpd/", "^execoncommand ^execonevent",
     Form::kSkip, kAsked, "%"},
    {"pure-ftpd", "pure-ftpd*", "^uploadscript", Form::kRest, kAsked, ""},
    {"samba", "smb.conf samba/ *.smb",
     "^preexec ^exec ^root~preexec ^postexec ^root~postexec ^print~command "
     "^lpq~command ^lprm~command ^message~command ^add~user~script "
     "^add~machine~script ^delete~user~script ^username~map~script "
     "^check~password~script ^dfree~command ^wins~hook ^panic~action "
     "^change~notify~command ^abort~shutdown~script ^shutdown~script",
     Form::kRest, kAsked, "%"},
    {"rsync", "rsyncd.conf rsyncd.d/",
     "^pre-xfer~exec ^post-xfer~exec ^early~exec", Form::kRest, kAsked, ""},
    {"autofs", "auto.master auto.master.d/", "program:", Form::kRest, kAsked,
     ""},
    {"transmission", "transmission* settings.json",
     "\"script-torrent-done-filename\": \"script-torrent-added-filename\":",
     Form::kQuoted, kTold, ""},
    // The web.
    {"apache", "apache2/ httpd/ httpd.conf .htaccess apache2.conf",
     "^customlog ^errorlog ^transferlog ^forensiclog ^globallog", Form::kBar,
     kAsked, "<"},
    {"apache", "apache2/ httpd/ httpd.conf .htaccess apache2.conf",
     "prg:", Form::kRest, kAsked, "<"},
    {"apache", "apache2/ httpd/ httpd.conf .htaccess apache2.conf",
     "cmd= ^defineexternalauth", Form::kQuoted, kAsked, "<"},
    {"lighttpd", "lighttpd.conf lighttpd/",
     "^accesslog.filename ^server.errorlog ^server.breakagelog", Form::kBar,
     kAsked, "<"},
    {"squid", "squid.conf squid/ squid3/",
     "^url_rewrite_program ^redirect_program ^store_id_program "
     "^storeurl_rewrite_program ^log_daemon ^location_rewrite_program",
     Form::kRest, kAsked, "<"},
    {"squid", "squid.conf squid/ squid3/",
     "^auth_param~basic~program "
     "^auth_param~digest~program ^auth_param~ntlm~program",
     Form::kRest, kAsked, "<"},
    {"squid", "squid.conf squid/ squid3/", "^external_acl_type", Form::kPath,
     kAsked, "<"},
    {"uwsgi", "uwsgi/ uwsgi.ini *.uwsgi",
     "^exec-pre-app ^exec-as-user "
     "^exec-asap ^attach-daemon ^smart-attach-daemon",
     Form::kRest, kNone, ""},
    {"webhook", "webhook/ hooks.json webhook.conf hooks.yaml",
     "\"execute-command\": execute-command:", Form::kQuoted, kAsked, "{<"},
    {"caddy", "caddyfile caddy/", "^exec exec", Form::kRest, kAsked, "{"},
    {"haproxy", "haproxy.cfg haproxy/", "^external-check~command ^command",
     Form::kRest, kNone, ""},
    // Printing.
    {"ppd", "*.ppd", "*foomaticripcommandline:", Form::kRest, kAsked, "%<"},
    {"printcap", "printcap", ":if= :of= :lf= :cf= :tf=", Form::kRest, kAsked,
     "<", '\0', ':'},
    // Data bases and queues.
    {"postgresql", "postgresql.conf postgresql.auto.conf postgresql/",
     "^archive_command ^restore_command ^recovery_end_command "
     "^archive_cleanup_command ^ssl_passphrase_command",
     Form::kRest, kNone, ""},
    {"redis", "redis.conf sentinel.conf redis/",
     "sentinel~notification-script sentinel~client-reconfig-script",
     Form::kSkip, kNone, ""},
    {"sql", "*.sql", "from~program to~program", Form::kQuoted, kNone, ""},
    // Telephones and messages.
    {"gammu", "gammu-smsdrc smsdrc", "^runonreceive ^runonincomingcall",
     Form::kRest, kTold, ""},
    {"smstools", "smsd.conf", "^eventhandler ^regular_run ^checkhandler",
     Form::kRest, kTold, ""},
    {"kamailio", "kamailio/ kamailio.cfg opensips/ opensips.cfg",
     "exec_msg( exec_avp( exec_dset( exec_cmd( exec(", Form::kQuoted, kAsked,
     "$"},
    {"home automation", "configuration.yaml *.items", "^command", Form::kRest,
     kTold, "{"},
    // Networks.
    {"openvpn", "openvpn/ *.ovpn server.conf",
     "^up ^down ^route-up ^client-connect ^client-disconnect "
     "^auth-user-pass-verify ^tls-verify ^learn-address ^ipchange",
     Form::kRest, kAsked, ""},
    {"wireguard", "wireguard/ wg*.conf", "^postup ^preup ^postdown ^predown",
     Form::kRest, kNone, ""},
    {"ipsec", "ipsec.conf ipsec.d/ swanctl/",
     "^leftupdown ^rightupdown ^updown", Form::kRest, kAsked, ""},
    {"pppd", "ppp/ peers/ chat*", "^connect ^disconnect ^init ^pty",
     Form::kRest, kNone, ""},
    {"ocserv", "ocserv.conf ocserv/", "^connect-script ^disconnect-script",
     Form::kRest, kAsked, ""},
    {"keepalived", "keepalived/ keepalived.conf",
     "^script script notify_master notify_backup notify_fault notify",
     Form::kQuoted, kNone, ""},
    {"fail2ban", "fail2ban/ action.d/", "^actionban ^actionunban ^actionstart",
     Form::kRest, kTold, "&"},
    {"portsentry", "portsentry/ portsentry.conf psad.conf",
     "^kill_run_cmd ^external_script", Form::kRest, kTold, "$"},
    {"knockd", "knockd.conf", "^command ^start_command ^stop_command",
     Form::kRest, kNone, ""},
    // The machine.
    {"mdev", "mdev.conf", "~@ ~$ ~*", Form::kRest, kPlugged, "$"},
    {"acpid", "acpi/ events/", "^action", Form::kRest, kPlugged, "%"},
    {"nut", "upsmon.conf upssched.conf nut/",
     "^notifycmd ^shutdowncmd "
     "^cmdscript",
     Form::kRest, kTold, ""},
    {"mdadm", "mdadm.conf", "^program", Form::kRest, kNone, ""},
    {"smartd", "smartd.conf", "-m~exec", Form::kRest, kNone, ""},
    {"motion", "motion.conf motion/ camera*.conf thread*.conf",
     "^on_event_start ^on_event_end ^on_motion_detected ^on_picture_save "
     "^on_movie_start ^on_movie_end ^on_camera_lost ^on_camera_found",
     Form::kRest, kNone, ""},
    {"supervisor", "supervisord.conf supervisor/ supervisord.d/", "^command",
     Form::kRest, kNone, ""},
    {"desktop", "*.desktop", "^exec", Form::kRest, kPlugged, "%"},
    {"lxc", "lxc/ *.lxc lxc.conf",
     "^lxc.hook.pre-start ^lxc.hook.start ^lxc.hook.mount ^lxc.hook.post-stop "
     "^lxc.hook.autodev ^lxc.hook.pre-mount ^lxc.hook.start-host",
     Form::kRest, kNone, ""},
    {"container", "hooks.d/ oci/", "\"args\":", Form::kList, kNone, ""},
    {"compose", "docker-compose* compose.y* *compose.yml",
     "^command: ^entrypoint:", Form::kList, kNone, ""},
};

bool Fits(std::string_view pattern, std::string_view base,
          std::string_view slashed) {
  if (pattern.ends_with('/')) {
    const std::size_t at = slashed.find(pattern);
    return at != std::string_view::npos && slashed[at - 1] == '/';
  }
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return base == pattern;
  }
  const std::string_view tail = pattern.substr(star + 1);
  const std::size_t more = tail.find('*');
  if (more != std::string_view::npos) {
    return base.find(tail.substr(0, more)) != std::string_view::npos;
  }
  return base.size() >= star + tail.size() &&
         base.starts_with(pattern.substr(0, star)) && base.ends_with(tail);
}

}  // namespace

HookRows AllHooks() {
  return {std::begin(kHooks), std::end(kHooks)};
}

bool IsFileOf(const HookRow& row, std::string_view slashed) {
  const std::string_view base = BaseName(slashed);
  const auto patterns = Split(row.files, ' ');
  return std::any_of(
      patterns.begin(), patterns.end(),
      [&](std::string_view pattern) { return Fits(pattern, base, slashed); });
}

}  // namespace assay::facts
