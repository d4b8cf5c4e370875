using System.Threading.Channels;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>What the client library throws and reports, in words that say what to do.</summary>
internal static class BrokerFaults
{
    // AMQP 0-9-1 §1.2, reply codes.
    private const ushort AccessRefused = 403;
    private const ushort NotFound = 404;
    private const ushort ResourceLocked = 405;
    private const ushort PreconditionFailed = 406;
    private const ushort NotAllowed = 530;

    /// <summary>Is this a way in which the client says that a connection is gone or the broker refused?</summary>
    public static bool IsOfBroker(Exception fault) =>
        fault is RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException or ChannelClosedException or OperationCanceledException
        or System.Net.Sockets.SocketException;

    public static bool IsLocked(Exception fault) => Code(fault) == ResourceLocked;

    public static bool IsRefusedArgument(Exception fault) => Code(fault) == PreconditionFailed;

    public static string Reason(ShutdownEventArgs reason) => reason.Exception is { } cause
        ? $"{reason.ReplyText}: {cause.GetBaseException().Message}"
        : $"{reason.ReplyCode} {reason.ReplyText}";

    /// <summary>The fault of an attempt to connect, for the node's operator.</summary>
    public static EngineException OfConnecting(Exception fault, RabbitMqSettings settings)
    {
        Exception innermost = Innermost(fault);
        string reason = innermost is OperationCanceledException ? $"it did not answer within {settings.ConnectTimeout.TotalSeconds} s." : innermost.Message;
        return (Find<AuthenticationFailureException>(fault), Find<System.Security.Authentication.AuthenticationException>(fault), Code(fault)) switch
        {
            (not null, _, _) => Permanent(
                "broker_login_refused",
                $"The broker {settings.BrokerName} refuses the user {settings.User}: its password is wrong or the user does not exist there. "
                    + "Import the definitions file again, or correct the password's file.",
                fault),
            (_, not null, _) => Permanent(
                "broker_not_trusted",
                $"The broker {settings.BrokerName} did not prove over TLS that it is {settings.Tls?.ServerName}. "
                    + $"{reason} See whether broker.host and broker.ca-file ({settings.Tls?.CaFile}) are right.",
                fault),
            (_, _, NotAllowed) => Permanent(
                "broker_host_refused",
                $"The broker {settings.BrokerName} has no such virtual host, or no place in it for the user {settings.User}: {reason}. "
                    + "Import the definitions file, or correct the name.",
                fault),
            (_, _, NotFound) => Permanent(
                "broker_topology_missing",
                $"The broker {settings.BrokerName} lacks an exchange: {reason}. Import the definitions file (rabbitmqctl import_definitions FILE).",
                fault),
            (_, _, AccessRefused) => Permanent(
                "broker_rights_missing",
                $"The broker {settings.BrokerName} denies the user {settings.User} a right: {reason}. Import the definitions file again.",
                fault),
            (_, _, ResourceLocked) => Permanent(
                "node_name_taken",
                $"Another process is connected to the broker {settings.BrokerName} as the node {settings.Node} of {settings.Party}. Node names must be unique: "
                    + "give this one another name, or stop the other.",
                fault),
            _ => new EngineException("broker_unavailable", $"The broker {settings.BrokerName} cannot be reached: {reason}", isTransient: true, fault),
        };
    }

    public static EngineException PluginMissing(RabbitMqSettings settings) => Permanent(
        "broker_plugin_missing",
        $"The exchange {BrokerNames.Requests(settings.Party)} of the broker {settings.BrokerName} does not share requests by consistent hash. Run: "
            + "rabbitmq-plugins enable rabbitmq_consistent_hash_exchange; then delete the exchange and import the definitions file.",
        inner: null);

    private static EngineException Permanent(string code, string message, Exception? inner) => new(code, message, isTransient: false, inner);

    private static ushort Code(Exception fault) => Find<OperationInterruptedException>(fault)?.ShutdownReason?.ReplyCode ?? 0;

    private static T? Find<T>(Exception? fault)
        where T : Exception =>
        fault switch
        {
            null => null,
            T found => found,
            AggregateException several => several.InnerExceptions.Select(Find<T>).FirstOrDefault(static found => found is not null),
            _ => Find<T>(fault.InnerException),
        };

    private static Exception Innermost(Exception fault) =>
        Find<OperationInterruptedException>(fault) ?? (fault is TimeoutException ? fault
            : fault is AggregateException several ? Innermost(several.InnerExceptions[0]) : fault.InnerException is { } inner ? Innermost(inner) : fault);
}
