package org.example.books;
//      ^ definition.namespace

import java.util.List;
//               ^ reference.import
import static java.util.Objects.requireNonNull;
//                              ^ reference.import
import org.example.money.*;
//                 ^ reference.import

/** Keeps accounts. */
@Service(name = "ledger")
 // <- reference.type
public abstract class Ledger<T extends Account> extends Book<T> implements Closeable, money.Source<T> {
//                    ^ definition.class public doc="Keeps accounts."
//                                     ^ reference.type
//                                                      ^ reference.inherit
//                                                           ^ reference.type
//                                                                         ^ reference.inherit
//                                                                                          ^ reference.inherit
//                                                                                                 ^ reference.type
    private static final int LIMIT = 8, SPARE = 2;
//                           ^ definition.constant in=Ledger private
//                                      ^ definition.constant in=Ledger private
    final static String ÜBERSCHRIFT = "Straße";
//                      ^ definition.constant in=Ledger internal
    protected List<Account> accounts, closed;
//            ^ reference.type
//                 ^ reference.type
//                          ^ definition.field in=Ledger protected
//                                    ^ definition.field in=Ledger protected
    int[] counts = new int[LIMIT];
//        ^ definition.field in=Ledger internal

    static {
        register(Ledger.class);
//      ^ reference.call
//               ^ reference.type
    }

    /** Opens a ledger for its owner. */
    public Ledger(String owner) {
//         ^ definition.constructor in=Ledger public doc="Opens a ledger for its owner."
//                ^ reference.type
        super(owner);
        this.accounts = new ArrayList<>();
//           ^ reference.write
//                          ^ reference.call
        counts = null;
//      ^ !reference
    }

    @Override
//   ^ reference.type
    public <R> R fold(R first, Function<? super T, R> step) throws LedgerException {
//             ^ reference.type
//               ^ definition.method in=Ledger public
//                    ^ reference.type
//                             ^ reference.type
//                                              ^ reference.type
//                                                 ^ reference.type
//                                                                 ^ reference.type
        for (T account : accounts) {
            first = step.apply(requireNonNull(account));
//                       ^ reference.call
//                             ^ reference.call
        }
        accounts.forEach(Account::close);
//               ^ reference.call
//                                ^ reference.call
        return (R) Result.of(first);
//              ^ reference.type
//                 ^ reference.type
//                        ^ reference.call
    }

    abstract void audit();
//                ^ definition.method in=Ledger internal

    protected synchronized String toString(int width) {
//                                ^ definition.method in=Ledger protected
        Runnable later = new Runnable() {
//      ^ reference.type
//                           ^ reference.call
            public void run() { constructor(); }
//                      ^ definition.method in=Ledger.toString public
//                              ^ reference.call
        };
        return other.total + "";
    }

    private Object __proto__() { return null; }
//                 ^ definition.method in=Ledger private

    class Page {
//        ^ definition.class in=Ledger internal
        int número;
//          ^ definition.field in=Ledger.Page internal
    }

    interface Visitor extends Consumer<Page>, Marker {
//            ^ definition.interface in=Ledger internal
//                            ^ reference.inherit
//                                     ^ reference.type
//                                            ^ reference.inherit
        int DEPTH = 3;
//          ^ definition.constant in=Ledger.Visitor public
        void visit(Page page);
//           ^ definition.method in=Ledger.Visitor public
//                 ^ reference.type
        default boolean done() { return false; }
//                      ^ definition.method in=Ledger.Visitor public
    }

    enum Kind implements Coded {
//       ^ definition.enum in=Ledger internal
//                       ^ reference.inherit
        ASSET(1),
//      ^ definition.enum_member in=Ledger.Kind public
        DEBT {
//      ^ definition.enum_member in=Ledger.Kind
            @Override int sign() { return -1; }
//                        ^ definition.method in=Ledger.Kind internal
        };

        private final int code;
//                        ^ definition.field in=Ledger.Kind

        Kind(int... code) { this.code = code[0]; }
//      ^ definition.constructor in=Ledger.Kind
//                               ^ reference.write

        int sign() { return 1; }
//          ^ definition.method in=Ledger.Kind
    }

    record Entry(String name, long cents) implements Comparable<Entry> {
//         ^ definition.class in=Ledger internal
//               ^ reference.type
//                      ^ definition.property in=Ledger.Entry internal
//                                 ^ definition.property in=Ledger.Entry internal
//                                                   ^ reference.inherit
//                                                              ^ reference.type
        Entry {
//      ^ definition.constructor in=Ledger.Entry internal
            if (cents < 0) throw new IllegalArgumentException(name);
//                                   ^ reference.call
        }

        static Entry of(String name) { return new Entry(name, 0); }
//             ^ reference.type
//                   ^ definition.method in=Ledger.Entry internal
//                      ^ reference.type
//                                                ^ reference.call
    }

    @interface Audited {
//             ^ definition.interface in=Ledger internal
        int value() default 1;
//          ^ definition.method in=Ledger.Audited
    }
}

sealed interface Shape permits Circle {}
//               ^ definition.interface internal
//                             ^ reference.type
