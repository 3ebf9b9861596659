(ns shop.cart
;   ^ definition.module
  (:require [clojure.string :as str]
;            ^ reference.import
            [shop.price :refer [total]])
;            ^ reference.import
;                               ^ reference.import
  (:import (java.util Date)))
;           ^ !reference
;                     ^ reference.import

(def ^:private limit 3)
;              ^ definition.variable in=shop.cart

(defn- add-item
;      ^ definition.function in=shop.cart doc="Adds an item."
  "Adds an item."
  {:added "1.0"}
  [cart item]
;  ^ !reference
  (let [n (measure cart)]
;          ^ reference.call
;                  ^ !reference
    (-> cart (assoc :items n) str/trim (put item))))
;       ^ !reference
;                                 ^ reference.call
;                                       ^ reference.call

; Where things are kept.
(defprotocol Store
;            ^ definition.interface doc="Where things are kept."
  (put [this k] "Puts.")
;  ^ definition.method in=shop.cart.Store
  (take-out [this k]))
;  ^ definition.method in=shop.cart.Store

(defrecord Memory [state]
;          ^ definition.class in=shop.cart
;                  ^ definition.field in=shop.cart.Memory
  Store
; ^ reference.inherit
  (put [this k] (change! state k))
;  ^ definition.method in=shop.cart.Memory
;                ^ reference.call
  (take-out [this k] nil))
;  ^ definition.method in=shop.cart.Memory

(extend-type Date
  Store
; ^ reference.inherit
  (put [this k] (total k)))
;  ^ definition.method in=shop.cart.Date
;                ^ reference.call

(defmulti area "By shape." :shape)
;         ^ definition.function doc="By shape."
(defmethod area :circle [{:keys [r]}] (times r (->Memory 3)))
;          ^ definition.method
;                                      ^ reference.call
;                                               ^ reference.call
(defmacro unless "The other if." [x] `(choose ~x nil))
;         ^ definition.macro doc="The other if."
;                                      ^ reference.call
#?(:clj (defn both [] (Date.)))
;             ^ definition.function
(run #'both)
;^ reference.call
;      ^ reference.read
