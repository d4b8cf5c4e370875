using System.Diagnostics;

namespace SignerCluster.Protocol.Durability;

/// <summary>A write of one entity failed, and in which way: Akka knows only persisted and failed, so the outcome travels in the failure.</summary>
public sealed class AppendFailedException : Exception
{
    public AppendFailedException()
        : this(new AppendOutcome.Unknown(new JournalException()))
    {
    }

    public AppendFailedException(string message)
        : this(message, new JournalException(message))
    {
    }

    public AppendFailedException(string message, Exception inner)
        : base(message, inner) => Outcome = new AppendOutcome.Unknown(new JournalException("storage_unavailable", message, isTransient: true, inner));

    /// <param name="outcome">Anything but <see cref="AppendOutcome.Appended"/>.</param>
    public AppendFailedException(AppendOutcome outcome)
        : base(FaultOf(outcome).Message, FaultOf(outcome)) => Outcome = outcome;

    /// <summary>What became of the write. Of a failure that says nothing of itself nothing is known.</summary>
    public AppendOutcome Outcome { get; }

    /// <summary>The outcome of a write that ended with this failure, whatever kind it is.</summary>
    public static AppendOutcome OutcomeOf(Exception failure) => failure switch
    {
        AppendFailedException told => told.Outcome,
        JournalException fault => new AppendOutcome.Unknown(fault),
        _ => new AppendFailedException(failure.Message, failure).Outcome,
    };

    /// <summary>What the asker of a failed write is told.</summary>
    public static JournalException FaultOf(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Conflict conflict => Contended(conflict.ActualVersion),
        AppendOutcome.NotWritten notWritten => notWritten.Fault,
        AppendOutcome.Unknown unknown => unknown.Fault,
        _ => throw new UnreachableException(outcome.GetType().Name),
    };

    /// <summary>Somebody else writes this entity. The same command may succeed at once, on whichever activation is the newest.</summary>
    public static JournalException Contended(long actualVersion) =>
        new(JournalException.ContendedCode, $"The entity is being written elsewhere, now at {actualVersion}.", isTransient: true);
}
