using System.Runtime.Serialization;
using Akka.Actor;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>What an attacker looks for in a process: classes whose making does something. Each counts how often it was made from bytes.</summary>
public sealed class GadgetException : Exception
{
    public GadgetException()
    {
    }

    public GadgetException(string message)
        : base(message)
    {
    }

    public GadgetException(string message, Exception inner)
        : base(message, inner)
    {
    }

#pragma warning disable SYSLIB0051 // It is what Akka's serializer looks for.
    private GadgetException(SerializationInfo info, StreamingContext context)
        : base(info, context) => Runs++;
#pragma warning restore SYSLIB0051

    public static int Runs { get; private set; }

    public string Command
    {
        get;
        set
        {
            field = value;
            Runs++;
        }
    } = string.Empty;

    /// <summary>An actor that somebody else wants to run here.</summary>
    public sealed class Implant : UntypedActor
    {
        public Implant() => Runs++;

        protected override void OnReceive(object message)
        {
        }
    }
}
